"""The pictures and the model of the scan tests: the demo pictures, and a model easily excited."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import yaml

from models import load_card
from patrol.settings import load_settings
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


def eager_model(folder: Path) -> Path:
    """A copy of the model in use whose card asks for review from a confidence of 0.05 on."""
    card = load_card(load_settings().model)
    shutil.copytree(card.directory, folder)
    path = folder / "card.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content["thresholds"] = {label: {"review": 0.05} for label in content["thresholds"]}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder
