from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.counting import Policy
from detector.geometry import iou
from detector.incidents import Book, Incident, Stage, book_from, book_to, follow, replay
from detector.observation import Observation, Sighting, observation_from, observation_to
from detector.permits import Permit, Span, Weekly
from detector.persistence import Persistence
from detector.types import Box
from detector.zones import WHOLE_VIEW, Rules, Suppression, Zone

START = datetime(2026, 5, 1, 4, tzinfo=UTC)
POLICY = Policy(thresholds=dict.fromkeys(("spill", "stacked_goods", "stall", "litter"), 0.4))
SPOT: Box = (0.4, 0.5, 0.5, 0.65)
STALL = Sighting("stall", 0.8, SPOT)
LITTER = Sighting("litter", 0.7, SPOT)
VAN = Sighting("truck", 0.9, (0.3, 0.3, 0.6, 0.8))


def look(number: int, *sightings: Sighting, every: float = 10.0, **more: object) -> Observation:
    at = START + timedelta(seconds=number * every)
    return Observation("cam1", at, sightings, **more)  # type: ignore[arg-type]


def run(
    looks: Iterable[Observation], rules: Rules | None = None, book: Book | None = None
) -> tuple[Book, list[Incident]]:
    book = book or Book()
    changed: list[Incident] = []
    for one in looks:
        book, new = follow(book, one, rules or Rules(), POLICY)
        changed += new
    return book, changed


def seconds(incident: Incident, which: str) -> float:
    return (getattr(incident, which) - START).total_seconds()


def test_a_stall_that_stays_is_one_incident_with_its_times() -> None:
    looks = [look(n, *([STALL] if 3 <= n < 40 else [])) for n in range(60)]
    _, changed = run(looks)
    opened, ended = changed
    assert [i.stage for i in changed] == [Stage.OPEN, Stage.ENDED]
    assert opened.id == ended.id
    assert seconds(opened, "first_seen") == 30
    assert seconds(opened, "opened_at") == 210
    assert seconds(ended, "last_seen") == 390
    assert opened.evidence.before_at == START + timedelta(seconds=20)


def test_a_box_as_large_as_the_view_is_no_thing_on_the_street() -> None:
    wet_road = Sighting("spill", 0.9, (0.0, 0.1, 0.9, 1.0))
    lorry_load = Sighting("spill", 0.9, (0.0, 0.5, 0.9, 1.0))
    assert run([look(n, wet_road) for n in range(40)])[1] == []
    assert len(run([look(n, lorry_load) for n in range(40)])[1]) == 1


@pytest.mark.parametrize(
    ("label", "dwell"), [("stall", 180), ("stacked_goods", 900), ("litter", 300), ("spill", 10)]
)
def test_each_class_waits_its_time(label: str, dwell: int) -> None:
    thing = Sighting(label, 0.8, SPOT)
    _, changed = run(look(n, thing) for n in range(200))
    assert [seconds(i, "opened_at") for i in changed] == [dwell]


def test_a_hawker_who_walks_on_is_none() -> None:
    walking = [
        look(n, Sighting("stall", 0.8, (n * 0.02, 0.5, n * 0.02 + 0.05, 0.6))) for n in range(45)
    ]
    assert run(walking)[1] == []


def test_a_single_false_box_is_none() -> None:
    looks = [look(n, *([STALL] if n % 10 == 0 else [])) for n in range(200)]
    assert run(looks)[1] == []


def test_missed_looks_and_a_parked_van_do_not_split_it() -> None:
    def sees(n: int) -> list[Sighting]:
        if 25 <= n < 90:
            return [VAN]
        return [] if n % 4 == 0 else [STALL]

    _, changed = run(look(n, *sees(n)) for n in range(130))
    assert [i.stage for i in changed] == [Stage.OPEN]


def test_gone_behind_the_van_it_ends_after_the_van_has_left() -> None:
    def sees(n: int) -> list[Sighting]:
        return [STALL] if n < 30 else [VAN] if n < 60 else []

    _, changed = run(look(n, *sees(n)) for n in range(80))
    assert [i.stage for i in changed] == [Stage.OPEN, Stage.ENDED]
    assert seconds(changed[1], "ended_at") > 600


def test_unfit_views_say_nothing() -> None:
    looks = [look(n, *([STALL] if n < 30 else []), fit=n < 30) for n in range(100)]
    book, changed = run(looks)
    assert [i.stage for i in changed] == [Stage.OPEN]
    assert len(book.open) == 1


def test_two_things_apart_are_two_and_a_heap_that_grows_is_one() -> None:
    other = Sighting("litter", 0.7, (0.8, 0.5, 0.9, 0.65))
    _, changed = run(look(n, LITTER, other) for n in range(40))
    assert len({i.id for i in changed}) == 2
    growing = (
        look(n, Sighting("litter", 0.7, (0.4, 0.5, 0.5 + n * 0.002, 0.65))) for n in range(100)
    )
    assert len(run(growing)[1]) == 1


def test_one_thing_with_two_names_is_one_incident() -> None:
    goods = Sighting("stacked_goods", 0.6, SPOT)
    _, changed = run(look(n, STALL, goods) for n in range(200))
    assert [i.label for i in changed] == ["stall"]


def test_weak_scores_keep_it_alive_but_do_not_begin_it() -> None:
    weak = Sighting("stall", 0.3, SPOT)
    assert run(look(n, weak) for n in range(60))[1] == []
    _, changed = run(look(n, STALL if n < 20 else weak) for n in range(60))
    assert [i.stage for i in changed] == [Stage.OPEN]
    on_new_region = [look(n, weak, lasting=(SPOT,)) for n in range(60)]
    assert [i.stage for i in run(on_new_region)[1]] == [Stage.OPEN]


def test_what_lies_on_a_lasting_change_was_first_seen_when_the_change_came() -> None:
    weak = Sighting("litter", 0.3, SPOT)
    came = START + timedelta(seconds=50)
    looks = [
        look(n, weak, lasting=(SPOT,), lasting_since=(came,)) if n >= 35 else look(n, weak)
        for n in range(40)
    ]
    (opened,) = run(looks)[1]
    assert opened.first_seen == came
    assert seconds(opened, "opened_at") == 360  # two looks of three: it has been there long enough
    with pytest.raises(ValueError, match="one time for each"):
        look(1, weak, lasting=(SPOT,), lasting_since=(came, came))


def test_of_two_changes_that_of_most_of_its_place_dates_a_thing() -> None:
    neighbours = (SPOT[0], SPOT[1], SPOT[0] + 0.4 * (SPOT[2] - SPOT[0]), SPOT[3])
    long_ago, came = START - timedelta(hours=1), START + timedelta(seconds=50)
    for regions, since in (((neighbours, SPOT), (long_ago, came)), ((SPOT,), (came,))):
        looks = [look(n, LITTER, lasting=regions, lasting_since=since) for n in range(10, 40)]
        (opened,) = run(looks)[1]
        assert opened.first_seen == came


def test_faint_scores_begin_on_lasting_changes_alone_and_keep_open_what_is_open() -> None:
    faint = Sighting("litter", 0.4 * POLICY.faint + 0.01, SPOT)
    assert run([look(n, faint) for n in range(60)])[1] == []
    on_region = [look(n, faint, lasting=(SPOT,)) for n in range(60)]
    assert len(run(on_region)[1]) == 1
    seen_well = [look(n, LITTER) for n in range(40)]
    badly = [look(n, faint) for n in range(40, 80)]
    gone = [look(n) for n in range(80, 110)]
    opened, ended = run([*seen_well, *badly, *gone])[1]
    assert seconds(opened, "last_seen") == 300
    assert seconds(ended, "last_seen") == 790
    before_it_is_open = [look(n, LITTER) for n in range(5)] + [look(n, faint) for n in range(5, 60)]
    assert run(before_it_is_open)[1] == []


def test_a_lasting_change_is_the_class_that_is_likelier_there() -> None:
    stall, goods = Sighting("stall", 0.3, SPOT), Sighting("stacked_goods", 0.2, SPOT)
    looks = [look(n, goods, stall, lasting=(SPOT,)) for n in range(120)]
    assert [(i.label, i.stage) for i in run(looks)[1]] == [("stall", Stage.OPEN)]


def test_what_is_never_seen_clearly_is_no_second_thing_at_an_open_place() -> None:
    beside: Box = (0.45, 0.5, 0.55, 0.65)
    looks = [look(n, LITTER) for n in range(40)]
    for confidence, labels in ((0.3, ["litter"]), (0.5, ["litter", "stall"])):
        stall = Sighting("stall", confidence, beside)
        more = [look(n, LITTER, stall, lasting=(beside,)) for n in range(40, 80)]
        assert [i.label for i in run([*looks, *more])[1]] == labels


def test_a_vehicle_that_is_hardly_one_hides_nothing() -> None:
    surely, hardly = (Sighting("truck", c, VAN.box) for c in (POLICY.hides_from, 0.3))
    seen = [look(n, LITTER) for n in range(40)]
    for vehicle, stages in ((surely, [Stage.OPEN]), (hardly, [Stage.OPEN, Stage.ENDED])):
        looks = [*seen, *(look(n, vehicle) for n in range(40, 80))]
        assert [i.stage for i in run(looks)[1]] == stages


def test_a_shower_in_which_nothing_is_seen_does_not_end_it() -> None:
    looks = [look(n, LITTER) if n < 40 or n >= 60 else look(n) for n in range(100)]
    assert [i.stage for i in run(looks)[1]] == [Stage.OPEN]


def test_a_lasting_change_without_a_class_is_reported_where_wanted() -> None:
    looks = [look(n, lasting=(SPOT,)) for n in range(120)]
    assert run(looks)[1] == []
    _, changed = run(looks, Rules(zones=(Zone("kerb", unknown_objects=True),)))
    assert [(i.label, i.stage) for i in changed] == [("unknown_object", Stage.OPEN)]


def test_the_sharpest_look_with_nothing_in_front_is_the_evidence() -> None:
    person = Sighting("person", 0.9, (0.4, 0.4, 0.45, 0.7))
    looks = [look(n, STALL, person, sharpness=0.9) for n in range(30)]
    looks[17] = look(17, STALL, sharpness=0.9)
    looks[20] = look(20, STALL, sharpness=0.2)
    _, changed = run(looks)
    assert changed[0].evidence.at == looks[17].at


def test_a_stall_counts_from_the_end_of_its_permit() -> None:
    until = (START + timedelta(hours=8, seconds=300)).time()  # Shanghai time, 300 s after START
    weekly = (Weekly(frozenset(range(7)), (Span(time(6), until),)),)
    rules = Rules(permits=(Permit("market", WHOLE_VIEW, frozenset({"stall"}), weekly),))
    _, changed = run((look(n, STALL) for n in range(80)), rules)
    assert [seconds(i, "first_seen") for i in changed] == [300]


def test_a_look_that_goes_back_in_time_is_refused() -> None:
    book, _ = run([look(5)])
    with pytest.raises(ValueError, match="after"):
        follow(book, look(5), Rules(), POLICY)


def test_replay_answers_what_other_rules_would_have_given() -> None:
    looks = tuple(look(n, STALL, Sighting("litter", 0.7, (0.8, 0.5, 0.9, 0.6))) for n in range(60))
    assert {i.label for i in replay(looks, Rules(), POLICY)} == {"stall", "litter"}
    suppressed = Rules(
        suppressions=(Suppression("r", "stall", SPOT, START + timedelta(days=9)),),
    )
    assert [i.label for i in replay(looks, suppressed, POLICY)] == ["litter"]
    quick = Rules(zones=(Zone("all", persistence={"litter": Persistence(3600.0)}),))
    assert [i.label for i in replay(looks, quick, POLICY)] == ["stall"]


PLACES: list[Box] = [SPOT, (0.41, 0.51, 0.52, 0.66), (0.7, 0.5, 0.8, 0.65)]
sightings = st.builds(
    Sighting,
    st.sampled_from(["stall", "litter", "spill", "truck", "person"]),
    st.sampled_from([0.3, 0.5, 0.9]),
    st.sampled_from(PLACES),
)
streams = st.lists(
    st.tuples(st.lists(sightings, max_size=4), st.sampled_from([True, True, True, False])),
    min_size=5,
    max_size=60,
)


def observations(stream: list[tuple[list[Sighting], bool]]) -> list[Observation]:
    return [look(n, *seen, every=60, fit=fit) for n, (seen, fit) in enumerate(stream)]


@given(streams, st.integers(0, 60))
@settings(max_examples=60, deadline=None)
def test_a_restart_at_any_moment_changes_nothing(
    stream: list[tuple[list[Sighting], bool]], killed: int
) -> None:
    looks = observations(stream)
    whole_book, whole = run(looks)
    before_book, before = run(looks[:killed])
    stored = json.loads(json.dumps(book_to(before_book)))
    after_book, after = run(
        [observation_from(json.loads(json.dumps(observation_to(o)))) for o in looks[killed:]],
        book=book_from(stored),
    )
    assert before + after == whole
    assert after_book == whole_book


@given(streams)
@settings(max_examples=60, deadline=None)
def test_what_always_holds(stream: list[tuple[list[Sighting], bool]]) -> None:
    book, changed = run(observations(stream))
    opened = [i for i in changed if i.stage is Stage.OPEN]
    ended = [i for i in changed if i.stage is Stage.ENDED]
    assert len({i.id for i in opened}) == len(opened)
    assert len({i.id for i in ended}) == len(ended)
    assert {i.id for i in ended} | {i.id for i in book.open} == {i.id for i in opened}
    for incident in opened:
        wanted = POLICY.persistence[incident.label]
        dwelt = (incident.last_seen - incident.first_seen).total_seconds()
        assert dwelt >= wanted.dwell_s
        assert sum(incident.recent) >= wanted.hits
    for n, a in enumerate(book.open):
        for b in book.open[:n]:
            assert a.label != b.label or iou(a.box, b.box) < 0.9


@given(streams, st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_boxes_in_a_look_does_not_matter(stream, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = [(random.sample(seen, len(seen)), fit) for seen, fit in stream]
    assert [i.id for i in run(observations(stream))[1]] == [
        i.id for i in run(observations(shuffled))[1]
    ]
