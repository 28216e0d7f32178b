"""A whole training run in small: it ends in a model folder the service can load and run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datasets.classes import CLASSES
from models import View, load_card, photo_card, verify
from tests.datasets.made_up import row, write_folder
from training.config import Stage, TrainConfig

pytestmark = [
    pytest.mark.training,
    pytest.mark.filterwarnings("ignore"),  # ultralytics and torch warn freely
]

torch = pytest.importorskip("torch")
pytest.importorskip("ultralytics")

from torch import nn  # noqa: E402

from training.clock import StageClock  # noqa: E402
from training.parallel import SharedBatch, split  # noqa: E402
from training.release import release, release_int8, release_views  # noqa: E402
from training.train import train  # noqa: E402
from training.trainer import KEPT_FROM_COCO, with_our_classes  # noqa: E402

STAGE = Stage(epochs=1, size=160, lr=1e-3, warmup=1, mosaic=0.5, close_mosaic=0.5, freeze=1)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An untrained network of the released shape with COCO's 80 classes."""
    from ultralytics import YOLO

    path = tmp_path_factory.mktemp("base") / "untrained.pt"
    YOLO("yolo26n.yaml", task="detect").save(str(path))
    return path


@pytest.fixture
def config(tmp_path: Path, base: Path) -> TrainConfig:
    rows = [row("street", f"{n:02}") for n in range(12)]
    rows += [row("quiet", "v", split="val", use="val")]
    write_folder(tmp_path / "data", rows)
    return TrainConfig(
        name="tiny",
        stages=(STAGE, replace(STAGE, size=128, freeze=0)),
        data=tmp_path / "data",
        base=base,
        context_base=base,
        runs=tmp_path / "runs",
        batch=4,
        context_size=160,
    )


@pytest.mark.timeout(300)
def test_from_pictures_to_a_model_the_service_loads(config: TrainConfig, tmp_path: Path) -> None:
    import onnxruntime

    trained = train(config)
    record = json.loads(trained.record.read_text())
    assert record["finished"]
    assert [record["stages"][f"stage-{n}"]["steps"] for n in (1, 2)] == [3, 3]
    assert record["pictures"] == 12

    card = release(config, trained.checkpoint, tmp_path / "models")
    assert card == load_card(tmp_path / "models" / "tiny")
    verify(card)
    assert card.classes == CLASSES
    assert not any(card.validated.values())
    assert {one.source: one.pictures for one in card.data} == {"street": 12, "quiet": 1}

    session = onnxruntime.InferenceSession(str(card.path), providers=["CPUExecutionProvider"])
    (boxes,) = session.run(None, {"images": np.zeros((3, 3, 384, 640), dtype=np.float32)})
    assert np.asarray(boxes).shape == (3, 300, 6)
    assert set(np.asarray(boxes)[..., 5].ravel()) <= set(range(len(CLASSES)))

    pictures = sorted((config.data / "street" / "images").iterdir())[:4]
    faster = release_int8(card, tmp_path / "models", pictures, size=160)
    verify(faster)
    assert faster.path.stat().st_size < 0.5 * card.path.stat().st_size

    looks = (View(size=160), View(size=160, mirrored=True))
    careful = release_views(card, looks)
    verify(careful)
    assert careful.views == looks
    assert careful.metrics == {}
    assert photo_card(card) == card, "only once it is measured"

    stamp = trained.checkpoint.stat().st_mtime_ns
    again = train(config)
    assert again.checkpoint.stat().st_mtime_ns == stamp, "a finished run is not trained again"


def test_a_stopped_stage_goes_on_where_it_was(tmp_path: Path) -> None:
    stage = replace(STAGE, epochs=2, warmup=4)
    clock = StageClock(stage, 10, tmp_path / "clock.json")
    assert clock.rate(clock.part()) == pytest.approx(0.25)
    for _ in range(15):
        clock.tick()
    clock.save()
    later = StageClock(stage, 10, tmp_path / "clock.json")
    assert later.part() == pytest.approx(0.75)
    assert later.rate(1.0) == pytest.approx(stage.lr_end)
    assert later.rate(0.0) > later.rate(0.5) > later.rate(1.0)


def test_a_stage_with_minutes_ends_by_the_clock(tmp_path: Path) -> None:
    clock = StageClock(replace(STAGE, minutes=0.0001), 1000, tmp_path / "clock.json")
    while clock.part() < 1:
        pass
    assert clock.steps == 0
    assert clock.due_to_save()


def test_our_classes_start_from_what_coco_knows(base: Path) -> None:
    from ultralytics import YOLO

    model = YOLO(str(base)).model
    rows = [block[-1].weight.detach().clone() for block in model.model[-1].one2one_cv3]
    changed = with_our_classes(model, len(CLASSES))
    head = changed.model[-1]
    assert (head.nc, head.no) == (len(CLASSES), len(CLASSES) + 4 * head.reg_max)
    for old, block in zip(rows, head.one2one_cv3, strict=True):
        for ours, theirs in KEPT_FROM_COCO.items():
            assert torch.allclose(block[-1].weight[ours], old[list(theirs)].mean(dim=0))
    assert with_our_classes(changed, len(CLASSES)) is changed


def test_sharing_a_batch_out_gives_the_gradients_of_the_whole() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.SiLU(), nn.Conv2d(4, 2, 3)).train()
    batch = {
        "img": torch.rand(5, 3, 12, 12),
        "batch_idx": torch.tensor([0.0, 0, 1, 3, 4]),
        "cls": torch.arange(5.0)[:, None],
        "bboxes": torch.rand(5, 4),
    }

    def criterion(preds, share):  # type: ignore[no-untyped-def]
        marks = torch.zeros(len(share["img"]))
        marks.index_add_(0, share["batch_idx"].long(), share["cls"][:, 0] + 1)
        loss = ((preds.mean(dim=(1, 2, 3)) - marks) ** 2).sum()
        return loss, {"loss": loss}

    criterion(model(batch["img"]), batch)[0].backward()
    whole = [one.grad.clone() for one in model.parameters()]
    model.zero_grad()
    loss, _ = SharedBatch(model, [criterion, criterion], bf16=False)(batch)
    loss.sum().backward()
    for one, expected in zip(model.parameters(), whole, strict=True):
        assert torch.allclose(one.grad, expected, atol=1e-5)


def test_splitting_keeps_labels_with_their_pictures() -> None:
    batch = {
        "img": torch.arange(3.0)[:, None],
        "batch_idx": torch.tensor([0.0, 1, 2, 2]),
        "cls": torch.tensor([[0.0], [1], [2], [2]]),
        "bboxes": torch.zeros(4, 4),
    }
    shares = split(batch, 2)
    assert sum(len(one["img"]) for one in shares) == 3
    for share in shares:
        pictures = share["img"][share["batch_idx"].long(), 0]
        assert torch.equal(pictures, share["cls"][:, 0])
    assert len(split(batch, 8)) == 3


def test_a_blend_lies_between_its_two_checkpoints(base: Path, tmp_path: Path) -> None:
    import torch

    from training.checkpoint import blend

    saved = torch.load(base, weights_only=False)
    moved = torch.load(base, weights_only=False)
    with torch.no_grad():
        for weight in moved["model"].parameters():
            weight.add_(1.0)
    trained, target = tmp_path / "trained.pt", tmp_path / "blended.pt"
    torch.save(moved, trained)
    blend(base, trained, 0.25, target)
    blended = torch.load(target, weights_only=False)["model"].state_dict()
    for name, weight in saved["model"].named_parameters():
        between = weight.float() + 0.25
        assert torch.allclose(blended[name], between, atol=2e-2), name
    with pytest.raises(ValueError, match="0 to 1"):
        blend(base, trained, 1.5, target)
