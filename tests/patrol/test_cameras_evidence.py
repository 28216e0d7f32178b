"""What a running camera keeps of things the network does not know, and of people it does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from sqlalchemy import select

from cases import review
from cases.errors import InvalidError
from cases.query import get_leads
from cases.tables import EvidenceRow
from detector.background import LastingConfig
from detector.counting import Policy
from detector.persistence import Persistence
from detector.types import Detection, Image
from detector.zones import Rules, Zone, rules_to
from tests.cases.scenes import REVIEWER
from tests.detector import scenes
from tests.patrol.running import POLICY, QUICKLY, RULES, House, brain, coloured, streets, until


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def pictures(house: House) -> dict[str, Image]:
    """All evidence of the only lead, decoded."""
    with house.db.session() as session:
        rows = session.scalars(select(EvidenceRow)).all()
    found = {}
    for row in rows:
        data = np.frombuffer(house.store.read(row.object_key), np.uint8)
        found[row.kind] = cv2.imdecode(data, cv2.IMREAD_COLOR)
    return found  # type: ignore[return-value]


def test_a_lasting_change_of_unknown_kind_is_a_lead_whose_class_a_person_gives(
    house: House,
) -> None:
    soon = {"unknown_object": Persistence(1.0, hits=2, of=3)}
    rules = Rules(zones=(Zone("all", persistence=soon, unknown_objects=True),))
    config = replace(QUICKLY, lasting=LastingConfig(after_s=4.0, learn_looks=4, step=25.0))
    with streets(1) as (street,):
        camera = house.add(street.url, rules=rules_to(rules))
        blind = replace(brain(), detect=lambda image: ())
        with house.running(config, brain=lambda: blind):
            until(lambda: house.looks(camera) >= 6)
            street.show(("truck", 300, 240, 60))
            until(house.incidents)
    (one,) = house.incidents()
    assert one.label == "unknown_object"
    (lead,) = get_leads(house.db, [one.lead_id or 0])
    assert lead.status == "review"
    with pytest.raises(InvalidError):
        review.decide(house.db, lead.id, verdict="confirm", actor=REVIEWER)
    decided = review.decide(
        house.db, lead.id, verdict="confirm", label="stacked_goods", actor=REVIEWER
    )
    assert decided.case_id is not None
    shown = pictures(house)
    assert coloured(shown["original"])[0].label == "truck"
    assert not coloured(shown["before"]), "from before it came, though it was noticed later"


def test_people_are_hidden_in_everything_but_the_original(house: House) -> None:
    def with_person(image: Image) -> tuple[Detection, ...]:
        return (*coloured(image), Detection("person", 0.9, (300, 40, 360, 190)))

    striped = scenes.street()
    striped[50:90, 290:372:4] = 0
    striped[50:90, 292:372:4] = 250

    def sharp(image: Image) -> float:
        return float(cv2.Laplacian(image[50:68, 306:354], cv2.CV_32F).var())

    policy = Policy(POLICY.thresholds)
    with streets(1) as (street,):
        street.view = striped
        camera = house.add(street.url, rules=rules_to(RULES))
        person = replace(brain(policy=policy), detect=with_person)
        with house.running(brain=lambda: person):
            until(lambda: house.looks(camera) >= 3)
            street.view = scenes.with_thing(striped, 300, 240, 50, (20, 20, 240))
            until(house.incidents)
    shown = pictures(house)
    bare = sharp(shown["original"])
    view = cv2.imread(str(house.folder / "views" / f"{camera}.jpg"))
    for name, picture in (("wall", view), *((k, shown[k]) for k in ("annotated", "masked"))):
        assert sharp(picture) < bare / 20, name  # type: ignore[arg-type]
    assert sharp(shown["before"]) < bare / 20
