"""The pictures and the model of the scan tests: the demo pictures, and a model easily excited."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import cv2
import yaml

from models import load_card
from models.card import CARD_FILE
from tests.conftest import REPO


def demo_photos() -> list[Path]:
    """The committed demo pictures, in order of their names."""
    return sorted((REPO / "datasets" / "demo").rglob("*.jpg"))


def many_photos(folder: Path, number: int) -> list[Path]:
    """``number`` different photos in ``folder``, made from the demo pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    sources = demo_photos()
    made = []
    for index in range(number):
        image = cv2.imread(str(sources[index % len(sources)]))
        assert image is not None
        image[:8, :8] = index % 256
        path = folder / f"photo-{index:03}.jpg"
        assert cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 93])
        made.append(path)
    return made


def eager_model(folder: Path, review: float = 0.05) -> Path:
    """A copy of the model in use that looks once at everything and has low review thresholds."""
    card = load_card(os.environ.get("PATROL_MODEL"))
    folder.mkdir()
    shutil.copyfile(card.path, folder / card.file)
    content = yaml.safe_load((card.directory / CARD_FILE).read_text(encoding="utf-8"))
    content.pop("photos", None)
    content["thresholds"] = {label: {"review": review} for label in content["thresholds"]}
    text = yaml.safe_dump(content, allow_unicode=True)
    (folder / CARD_FILE).write_text(text, encoding="utf-8")
    return folder
