"""GStreamer's RTSP server for the benches, in a process of its own; run by the system's Python.

It serves coded films in real time, without coding anything: ``PATH=FILE`` for each, an MP4 with
H.264. All who watch one path share one stream, as with a camera.
"""

from __future__ import annotations

import argparse


def main() -> None:
    """Serve until killed; prints the port when it listens."""
    import gi  # type: ignore[import-not-found, unused-ignore]

    gi.require_version("Gst", "1.0")
    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import (  # type: ignore[import-not-found, unused-ignore]
        GLib,
        Gst,
        GstRtspServer,
    )

    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="0")
    parser.add_argument("films", nargs="+", metavar="PATH=FILE")
    arguments = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_service(arguments.port)
    server.set_address("127.0.0.1")
    for film in arguments.films:
        path, _, file = film.partition("=")
        factory = GstRtspServer.RTSPMediaFactory()
        pay = "rtph264pay name=pay0 pt=96 config-interval=-1"
        factory.set_launch(f"( filesrc location={file} ! qtdemux ! h264parse ! {pay} )")
        factory.set_shared(True)
        server.get_mount_points().add_factory(path, factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
