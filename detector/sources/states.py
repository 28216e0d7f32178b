"""The closed vocabulary of what can be the matter with a camera, with a plain text for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from detector.types import require_aware


class CameraState(StrEnum):
    """What a camera does now. The names are stable: they are stored and shown."""

    PAUSED = "paused"  # switched off by a person or by its weekly plan
    CONNECTING = "connecting"  # on the way to the first picture
    LIVE = "live"  # pictures come
    CLOCK_WRONG = "clock_wrong"  # pictures come, but the source's time is off or jumps
    SHAPE_CHANGED = "shape_changed"  # pictures come, in another size than before
    STALLED = "stalled"  # connected, but nothing new arrives
    UNREACHABLE = "unreachable"  # no answer from host, name or network
    REFUSED = "refused"  # the host answers, the port does not
    AUTH_FAILED = "auth_failed"  # user name or password is wrong or missing
    NOT_FOUND = "not_found"  # the host knows no such stream, page or file
    NOT_ALLOWED = "not_allowed"  # the address is outside the allow-list
    REDIRECTED = "redirected"  # the source sends us to another host
    SERVER_ERROR = "server_error"  # the host answers with an error of its own
    NO_VIDEO = "no_video"  # a stream, but no video track in it
    ENDLESS_GOP = "endless_gop"  # video, but no key frame within the waiting time
    BAD_DATA = "bad_data"  # bytes that are no stream or no picture
    UNSUPPORTED = "unsupported"  # a protocol or codec that is not built in
    ENDED = "ended"  # a file, or a stream closed by its sender

    @property
    def delivers(self) -> bool:
        """True while pictures come."""
        return self in _DELIVERING

    @property
    def text(self) -> StateText:
        """The sentence for people, in Chinese and English."""
        return TEXTS[self]


_DELIVERING = frozenset({CameraState.LIVE, CameraState.CLOCK_WRONG, CameraState.SHAPE_CHANGED})


@dataclass(frozen=True, slots=True)
class StateText:
    """What a person reads: the state in one short sentence."""

    zh: str
    en: str


TEXTS: dict[CameraState, StateText] = {
    CameraState.PAUSED: StateText("已暂停", "Paused"),
    CameraState.CONNECTING: StateText("正在连接", "Connecting"),
    CameraState.LIVE: StateText("在线", "Live"),
    CameraState.CLOCK_WRONG: StateText("画面正常,但时钟异常", "Live, but its clock is wrong"),
    CameraState.SHAPE_CHANGED: StateText("画面尺寸已改变", "Live, but the picture size changed"),
    CameraState.STALLED: StateText("已连接,但没有新画面", "Connected, but nothing new arrives"),
    CameraState.UNREACHABLE: StateText("无法连接到主机", "The host cannot be reached"),
    CameraState.REFUSED: StateText("主机拒绝连接", "The host refuses the connection"),
    CameraState.AUTH_FAILED: StateText("用户名或密码错误", "Wrong user name or password"),
    CameraState.NOT_FOUND: StateText("没有这个视频流", "There is no such stream"),
    CameraState.NOT_ALLOWED: StateText("地址不在允许范围内", "The address is not allowed"),
    CameraState.REDIRECTED: StateText("被转到其他主机,已拒绝", "Sent to another host; refused"),
    CameraState.SERVER_ERROR: StateText("对方服务器出错", "The server reports an error"),
    CameraState.NO_VIDEO: StateText("流中没有视频", "There is no video in the stream"),
    CameraState.ENDLESS_GOP: StateText("长时间没有关键帧", "No key frame arrives"),
    CameraState.BAD_DATA: StateText("数据无法识别", "The data is no video and no picture"),
    CameraState.UNSUPPORTED: StateText("不支持的协议或编码", "Protocol or codec not supported"),
    CameraState.ENDED: StateText("视频已结束", "The video has ended"),
}


class SourceError(Exception):
    """A source gives no picture: ``state`` for programs, ``detail`` for people (no credentials)."""

    def __init__(self, state: CameraState, detail: str) -> None:
        super().__init__(f"{state.value}: {detail}")
        self.state = state
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Status:
    """A camera's state since a time (aware), with a detail that carries no credentials."""

    state: CameraState
    since: datetime
    detail: str = ""

    def __post_init__(self) -> None:
        require_aware("Status.since", self.since)
