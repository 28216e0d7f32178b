"""GStreamer's RTSP server with small test streams; run by the system's Python, which has gi."""

import argparse

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("--port", default="0")
parser.add_argument("--user")
parser.add_argument("--password")
parser.add_argument("--file", help="an H.264 MP4 served at /file, in real time")
parser.add_argument("--hevc", help="an H.265 MP4 served at /hevc, in real time")
args = parser.parse_args()

Gst.init(None)
PICTURES = (
    "videotestsrc is-live=true pattern=smpte ! video/x-raw,width=320,height=240,framerate=10/1"
)
X264 = "x264enc tune=zerolatency speed-preset=ultrafast bitrate=300"
PAY = "rtph264pay name=pay0 pt=96"
STREAMS = {
    "/street": f"( {PICTURES} ! {X264} key-int-max=5 ! {PAY} )",
    "/endless": f"( {PICTURES} ! {X264} key-int-max=1000000 ! {PAY} config-interval=1 )",
    "/jpeg": f"( {PICTURES},format=I420 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )",
    "/sound": "( audiotestsrc is-live=true ! audioconvert ! alawenc ! rtppcmapay name=pay0 pt=8 )",
}
if args.file:
    STREAMS["/file"] = f"( filesrc location={args.file} ! qtdemux ! h264parse ! {PAY} )"
if args.hevc:
    read = f"filesrc location={args.hevc} ! qtdemux ! h265parse"
    STREAMS["/hevc"] = f"( {read} ! rtph265pay name=pay0 pt=96 )"

server = GstRtspServer.RTSPServer()
server.set_service(args.port)
server.set_address("127.0.0.1")
permissions = GstRtspServer.RTSPPermissions.new()
if args.user:
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(args.user, args.password), token)
    server.set_auth(auth)
    for right in ("media.factory.access", "media.factory.construct"):
        permissions.add_permission_for_role("viewer", right, True)
for path, launch in STREAMS.items():
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(launch)
    factory.set_shared(True)
    if args.user:
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory(path, factory)
server.attach(None)
print(server.get_bound_port(), flush=True)
GLib.MainLoop().run()
