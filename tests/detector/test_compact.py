from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from detector.compact import pack, unpack
from detector.observation import Observation, Sighting

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
shares = st.integers(0, 9).map(lambda n: n / 10)
boxes = st.tuples(shares, shares, shares, shares).map(
    lambda b: (b[0] / 2, b[1] / 2, b[2] / 2 + 0.5, b[3] / 2 + 0.5)
)
sightings = st.lists(
    st.builds(Sighting, st.sampled_from(["stall", "truck"]), shares, boxes), max_size=2
).map(tuple)


@st.composite
def looks(draw: Any) -> list[Observation]:
    seen = draw(st.lists(sightings, min_size=1, max_size=3))
    places = [draw(st.lists(boxes, max_size=1).map(tuple)) for _ in range(12)]
    return [
        Observation(
            "c7",
            START + timedelta(seconds=10 * n),
            draw(st.sampled_from(seen)),
            fit=draw(st.booleans()),
            inspected=draw(st.booleans()),
            sharpness=draw(st.sampled_from([1.0, 0.7, 0.0])),
            lasting=places[n],
            lasting_since=(START,) * len(places[n]) if draw(st.booleans()) else (),
        )
        for n in range(draw(st.integers(0, 12)))
    ]


def packed(observations: list[Observation]) -> list[tuple[datetime, Any]]:
    rows, before = [], None
    for one in observations:
        rows.append((one.at, json.loads(json.dumps(pack(one, before)))))
        before = one
    return rows


@given(looks())
def test_looks_come_back_as_they_were(observations: list[Observation]) -> None:
    assert list(unpack("c7", packed(observations))) == observations


@given(looks(), st.integers(0, 12))
def test_what_rests_on_a_look_that_is_not_there_is_left_out(
    observations: list[Observation], cut: int
) -> None:
    rows = packed(observations)[cut:]
    found = list(unpack("c7", rows))
    assert found == observations[len(observations) - len(found) :]
    assert len(found) == len(rows) or "s" not in rows[0][1]


def test_an_unchanged_look_is_short() -> None:
    thing = (Sighting("litter", 0.512, (0.1234, 0.2345, 0.3456, 0.4567)),)
    first = Observation("c7", START, thing)
    second = Observation("c7", START + timedelta(seconds=10), thing, inspected=False)
    assert len(json.dumps(pack(second, first))) <= 2
    assert len(json.dumps(pack(first, None))) < 80
