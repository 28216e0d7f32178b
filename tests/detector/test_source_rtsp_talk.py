from __future__ import annotations

import time
from dataclasses import replace

import pytest

from detector.sources import CameraState, open_source
from detector.sources.stream import StreamSource
from tests.detector.cameras import QUICK, wait_for
from tests.detector.rtsp_actor import PASSWORD, REALM, USER, Actor, acting

DIGEST = f'Digest realm="{REALM}", nonce="first"'


def opened(port: int, *, path: str = "/a", user: str = "", **options: float) -> StreamSource:
    who = f"{user}:{PASSWORD}@" if user else ""
    url = f"rtsp://{who}127.0.0.1:{port}{path}"
    source = open_source(url, "c", replace(QUICK, **options))  # type: ignore[arg-type]
    assert isinstance(source, StreamSource)
    return source


def ended(source: StreamSource) -> None:
    source.close()
    assert source.join(5)


@pytest.mark.parametrize(
    "challenges",
    [
        (DIGEST,),
        (f'{DIGEST}, qop="auth,auth-int", opaque="xyz"',),
        (f'{DIGEST}, algorithm="MD5"', f'{DIGEST}, algorithm="SHA-256", qop="auth"'),
        ('Basic realm="street"', f"{DIGEST}, algorithm=MD5", f"{DIGEST}, algorithm=SHA-512-256"),
    ],
)
def test_the_password_is_sent_in_the_best_way_offered(challenges: tuple[str, ...]) -> None:
    actor = Actor(challenges)
    with acting(actor) as port:
        source = opened(port, user=USER)
        assert wait_for(source, CameraState.LIVE).frame is not None
        ended(source)
    assert actor.refused == 1


def test_a_wrong_password_is_not_sent_over_and_over() -> None:
    actor = Actor((DIGEST,))
    with acting(actor) as port:
        source = opened(port, user="other")
        wait_for(source, CameraState.AUTH_FAILED)
        ended(source)
    assert {method for method, _ in actor.heard} == {"DESCRIBE"}


def test_a_session_is_kept_alive_and_ended_even_with_a_new_nonce() -> None:
    actor = Actor((DIGEST,), session="77;timeout=4", fresh_nonce_at=5)
    with acting(actor) as port:
        source = opened(port, user=USER)
        until = time.monotonic() + 5.5
        frames = 0
        while time.monotonic() < until:
            reading = source.read()
            frames += reading.frame is not None
            assert reading.status.state in (CameraState.CONNECTING, CameraState.LIVE)
            time.sleep(0.05)
        ended(source)
        time.sleep(0.3)
    methods = [method for method, _ in actor.heard]
    assert methods[:5] == ["DESCRIBE", "DESCRIBE", "SETUP", "PLAY", "OPTIONS"]
    assert methods[5:] == ["OPTIONS", "OPTIONS", "TEARDOWN"]
    assert actor.refused == 2
    assert frames > 8  # the film has a key frame every 0.2 s


def test_goodbye_is_the_end_of_the_stream_not_a_stall() -> None:
    with acting(Actor(bye=True)) as port:
        source = opened(port, stall_s=30.0)
        wait_for(source, CameraState.LIVE)
        wait_for(source, CameraState.ENDED)
        wait_for(source, CameraState.LIVE)
        ended(source)


@pytest.mark.parametrize(
    ("base", "control", "setup"),
    [
        ("", "track1", "{url}/track1"),
        ("{url}/", "trackID=0", "{url}/trackID=0"),
        ("", "rtsp://street.invalid/x?unicast=true", "rtsp://street.invalid/x?unicast=true"),
        ("{url}?channel=1&subtype=0/", "trackID=0", "{url}?channel=1&subtype=0/trackID=0"),
    ],
)
def test_tracks_are_asked_for_where_the_server_says(base: str, control: str, setup: str) -> None:
    actor = Actor(control=control, channels=(6, 9), session="")
    with acting(actor) as port:
        url = f"rtsp://127.0.0.1:{port}/a"
        actor.base = base.format(url=url)
        source = opened(port)
        assert wait_for(source, CameraState.LIVE).frame is not None
        ended(source)
    assert dict(actor.heard)["SETUP"] == setup.format(url=url)
    assert dict(actor.heard)["PLAY"].startswith(url)


def test_a_server_without_tcp_is_named() -> None:
    with acting(Actor(setup_status="461 Unsupported Transport")) as port:
        source = opened(port)
        reading = wait_for(source, CameraState.UNSUPPORTED)
        ended(source)
    assert "461" in reading.status.detail
