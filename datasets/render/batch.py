"""Draws one picture after another into a folder a training run can read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datasets.render.picture import Taken, develop, save_jpeg
from datasets.render.plan import plan_scene
from datasets.render.studio import Quality, draw_scene


@dataclass(frozen=True)
class Shot:
    """One picture to draw; None lets the seed choose. ``taken`` is written into the file's EXIF."""

    name: str
    seed: int
    light: str | None = None
    camera: str | None = None
    things: tuple[str, ...] | None = None
    taken: Taken | None = None


def shoot(
    shot: Shot,
    out: Path,
    quality: Quality,
    assets: Path | None,
    *,
    jpeg: int = 88,
    flat: bool = False,
) -> dict[str, Any]:
    """Draw, develop and write one picture with its YOLO labels; gives its record.

    Files go to ``out``/images and ``out``/labels, or straight into ``out`` when ``flat``; the label
    file is written last, so a picture with one is complete. The record also joins scenes.jsonl.
    """
    scene = plan_scene(shot.seed, light=shot.light, camera=shot.camera, things=shot.things)
    drawn = draw_scene(scene, quality, assets)
    im = develop(drawn.pixels, shot.seed, scene.camera.kind, scene.light, shot.taken)
    pictures, labels = (out, out) if flat else (out / "images", out / "labels")
    save_jpeg(im, pictures / f"{shot.name}.jpg", jpeg, shot.taken)
    record = {
        "file": f"{shot.name}.jpg",
        "seed": shot.seed,
        "light": scene.light,
        "camera": scene.camera.kind,
        "width": quality.width,
        "height": quality.height,
        "assets": assets is not None,
        "labels": [asdict(label) for label in drawn.labels],
    }
    if shot.taken is not None:
        record = {
            **record,
            "captured_at": shot.taken.at.isoformat(),
            "lat": shot.taken.lat,
            "lon": shot.taken.lon,
            "place": shot.taken.place,
        }
    if not flat:
        with (out / "scenes.jsonl").open("a", encoding="utf-8") as f:
            f.write(json.dumps(record, ensure_ascii=False) + "\n")
    labels.mkdir(parents=True, exist_ok=True)
    lines = "".join(label.yolo(quality.width, quality.height) + "\n" for label in drawn.labels)
    (labels / f"{shot.name}.txt").write_text(lines, encoding="utf-8")
    return record


def add_to_manifest(record: dict[str, Any], path: Path) -> None:
    """Put one picture's record into a JSON manifest, in place of an older one of the same file."""
    old = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    kept = [r for r in old if r["file"] != record["file"]]
    rows = sorted([*kept, record], key=lambda r: str(r["file"]))
    body = ",\n".join("  " + json.dumps(r, ensure_ascii=False) for r in rows)
    path.write_text(f"[\n{body}\n]\n", encoding="utf-8")
