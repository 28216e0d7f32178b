from __future__ import annotations

import ipaddress
import random
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.sources import TEXTS, AllowList, Backoff, CameraState, SourceError, redact

SECRET = st.text(
    string.ascii_letters + string.digits + "@:/#!$*()~ü密", min_size=6, max_size=20
).map(lambda text: "Zq7" + text + "x9W")


def to(*ips: str):  # type: ignore[no-untyped-def]
    return lambda _host, _port: ips


@given(SECRET, st.booleans())
def test_no_password_survives_redaction(secret: str, quoted: bool) -> None:
    written = quote(secret, safe="") if quoted else secret
    for url in (
        f"rtsp://admin:{written}@10.1.2.3:554/h264/ch1?channel=1",
        f"http://cam.example/getSnap?secret={quote(secret)}&channel=1",
        f"rtsp://10.1.2.3/user=admin_password={quote(secret, safe='')}_channel=1_stream=0.sdp",
    ):
        for text in (url, f"[Errno 5] Input/output error: '{url}'", f"first {url} then {url}"):
            assert "Zq7" not in redact(text)


def test_redaction_keeps_what_helps() -> None:
    shown = redact("rtsp://admin:p@ss@10.0.0.9:554/Streaming/101?channel=3&subtype=1&token=abc")
    assert shown == "rtsp://***@10.0.0.9:554/Streaming/101?channel=3&subtype=1&token=***"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://10.0.0.1/a",
        "file:///etc/passwd",
        "http://127.0.0.1/a",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/a",
        "http://[::ffff:127.0.0.1]/a",
        "http://0.0.0.0/a",
        "http://2130706433/a",
        "rtsp://10.0.0.1/a",
        "rtsp://224.0.0.5/a",
        "rtsp:///a",
        "http://1.1.1.1:99999/a",
        "http://1.1.1.1/a\r\nX: y",
    ],
)
def test_private_and_odd_addresses_are_refused_by_default(url: str) -> None:
    with pytest.raises(SourceError) as caught:
        AllowList().check(url)
    assert caught.value.state in (CameraState.NOT_ALLOWED, CameraState.UNREACHABLE)


def test_a_name_that_also_leads_inside_is_refused() -> None:
    with pytest.raises(SourceError, match="private"):
        AllowList().check("http://cam.example/a.jpg", to("93.184.216.34", "192.168.1.1"))


def test_the_checked_address_is_the_one_to_connect_to() -> None:
    allow = AllowList(networks=(ipaddress.ip_network("192.168.0.0/16"),))
    address = allow.check("rtsp://me:a%40b@cam.example/x?y=1", to("192.168.1.7"))
    assert (address.host, address.port, address.user, address.password) == (
        "cam.example",
        554,
        "me",
        "a@b",
    )
    assert address.url == "rtsp://cam.example/x?y=1"
    assert address.pinned_url_with_user == "rtsp://me:a%40b@192.168.1.7:554/x?y=1"
    assert "a@b" not in repr(address)
    assert "a%40b" not in repr(address)


def test_hosts_ports_and_schemes_are_limited() -> None:
    allow = AllowList(
        schemes=frozenset({"rtsp"}), hosts=("*.city.example",), ports=frozenset({554})
    )
    public = to("93.184.216.34")
    assert allow.check("rtsp://cam1.city.example/a", public).port == 554
    for url in (
        "http://cam1.city.example/a",
        "rtsp://evilcity.example/a",
        "rtsp://cam1.city.example:8554/a",
    ):
        with pytest.raises(SourceError) as caught:
            allow.check(url, public)
        assert caught.value.state is CameraState.NOT_ALLOWED


def test_every_state_has_a_text_in_both_languages() -> None:
    assert set(TEXTS) == set(CameraState)
    assert all(text.zh and text.en for text in TEXTS.values())
    assert len({text.zh for text in TEXTS.values()}) == len(TEXTS)


@given(st.integers(1, 10_000), st.sampled_from(CameraState), st.integers())
def test_backoff_stays_within_its_limits(failures: int, state: CameraState, seed: int) -> None:
    backoff = Backoff()
    delay = backoff.delay(failures, state, random.Random(seed))
    assert 0 < delay <= backoff.patient
    if state is CameraState.REFUSED:
        assert delay <= backoff.most


def test_backoff_spreads_cameras_and_grows() -> None:
    rng = random.Random(1)
    first = [Backoff().delay(1, CameraState.REFUSED, rng) for _ in range(100)]
    later = [Backoff().delay(5, CameraState.REFUSED, rng) for _ in range(100)]
    assert len(set(first)) > 90
    assert min(later) > max(first)
