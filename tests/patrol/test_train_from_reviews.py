"""Decisions at the desk train the model in service on, and the two are compared at the end."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cases.database import Database
from cases.review import decide
from cases.store import FolderStore
from models import View, load_card, photo_card
from patrol.cli import app
from tests.cases.scenes import LITTER, REVIEWER, STALL, file_scene
from tests.datasets.made_up import row, write_folder
from training.config import Stage, TrainConfig
from training.judge import update_card

LOOKS = (View(size=96), View(size=96, mirrored=True))

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore"),  # ultralytics and torch warn freely
]

pytest.importorskip("torch")
pytest.importorskip("ultralytics")


@pytest.fixture
def shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Labelled pictures and an untrained checkpoint where the shared ones are looked for."""
    from ultralytics import YOLO

    home = tmp_path / "shared"
    (home / "data" / "base").mkdir(parents=True)
    YOLO("yolo26n.yaml", task="detect").save(str(home / "data" / "base" / "yolo26n-coco.pt"))
    rows = [row("street", f"{n:02}") for n in range(8)]
    rows += [row("street", f"held{n}", split="val", use="val") for n in range(3)]
    rows += [row("quiet", f"v{n}", split="val", use="val") for n in range(2)]
    silent = {one["file"]: "" for one in rows if one["source"] == "quiet"}
    write_folder(home / "data" / "real", rows, labels=silent)
    monkeypatch.setenv("PATROL_SHARED_DIR", str(home))
    return home


@pytest.fixture
def installation(tmp_path: Path, shared: Path) -> Path:
    """A data folder with a model in service and two reviewed photos."""
    from training.release import release, release_views
    from training.train import train

    place = tmp_path / "data"
    config = TrainConfig(
        name="first",
        stages=(Stage(epochs=0, steps=1, size=96, lr=1e-3),),
        runs=tmp_path / "first-run",
        batch=4,
        context_size=96,
    )
    card = release(config, train(config).checkpoint, place / "models")
    release_views(card, LOOKS)
    update_card(card.directory, {"photos": "first-photo"})
    (place / "models" / "active").write_text("first\n")
    db = Database(f"sqlite:///{(place / 'patrol.db').absolute()}")
    db.migrate()
    store = FolderStore(place / "evidence")
    for number, verdict in ((1, "confirm"), (2, "reject")):
        filed = file_scene(db, store, number, LITTER if number == 1 else STALL)
        decide(db, filed.lead_ids[0], verdict=verdict, actor=REVIEWER)  # type: ignore[arg-type]
    db.close()
    return place


@pytest.mark.timeout(600)
def test_from_a_data_folder_to_a_comparison(installation: Path, tmp_path: Path) -> None:
    words = [
        "train", "--from-reviews", str(installation), "--name", "second",
        "--runs", str(tmp_path / "runs"), "--steps", "2", "--size", "96", "--threads", "1",
    ]  # fmt: skip
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    run = tmp_path / "runs" / "second"
    card = load_card(installation / "models" / "second")
    trained = {one.source: one.pictures for one in card.data if one.use == "train"}
    assert trained["street"] == 8
    assert 1 <= trained["reviews"] <= 2, "some places are kept for measuring"
    assert "--from-reviews" in card.training["command"]
    assert card.base.startswith("first/checkpoint.pt"), "from the model in service on"
    assert card.training["energy"]["processor_s"] is not None
    report = json.loads((run / "comparison.json").read_text())
    assert report["incumbent"]["name"] == "first"
    assert report["candidate"] == {"name": "second", "sha256": card.sha256}
    assert (installation / "models" / "active").read_text() == "first\n", "nothing is promoted"
    photos = photo_card(card)
    assert photos.views == LOOKS, "photos are looked at as before"
    assert photos.path.samefile(card.path)
    assert photos.metrics["map50"] is not None


def test_photos_stay_with_a_network_of_their_own(installation: Path, tmp_path: Path) -> None:
    from training.cli import _photos_as_before

    folder = installation / "models"
    for name in ("apart", "new"):
        shutil.copytree(folder / "first", folder / name)
    shutil.copytree(folder / "first-photo", folder / "apart-photo")
    path = folder / "apart-photo" / "card.yaml"
    sha256 = load_card(folder / "first").sha256
    path.write_text(path.read_text("utf-8").replace(sha256, "a" * 64), "utf-8")
    service = update_card(folder / "apart", {"photos": "apart-photo"})
    new = update_card(folder / "new", {"photos": None})
    config = TrainConfig(name="new", stages=(), runs=tmp_path / "runs")
    _photos_as_before(new, service, config, Console())
    assert photo_card(load_card(folder / "new")) == load_card(folder / "apart-photo")


def test_what_is_no_installation_is_said(tmp_path: Path, shared: Path) -> None:
    nowhere = CliRunner().invoke(app, ["train", "--from-reviews", str(tmp_path / "nowhere")])
    assert nowhere.exit_code == 2
    assert "no such folder" in nowhere.output


def test_a_model_without_weights_cannot_be_trained_on(installation: Path, tmp_path: Path) -> None:
    (installation / "models" / "first" / "checkpoint.pt").unlink()
    words = ["train", "--from-reviews", str(installation), "--runs", str(tmp_path / "runs")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "checkpoint.pt" in done.output
    shutil.rmtree(tmp_path / "runs", ignore_errors=True)
