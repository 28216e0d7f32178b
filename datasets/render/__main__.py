"""The renderer's own process: `python -m datasets.render` in an environment with bpy."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from datasets.render.batch import Shot, add_to_manifest, shoot
from datasets.render.clip import draw_sets
from datasets.render.demo_set import DEMO
from datasets.render.frames import save_sets
from datasets.render.plan import CAMERAS, LIGHTS
from datasets.render.sprites import draw_sprites
from datasets.render.studio import Quality


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    p = argparse.ArgumentParser(
        prog="python -m datasets.render", description="Draw labelled street scenes."
    )
    p.add_argument("--seed", type=int, default=1, help="first seed; picture k uses seed + k")
    p.add_argument("--count", type=int, default=1, help="how many pictures")
    p.add_argument(
        "--out", type=Path, required=True, help="folder for images/, labels/ and scenes.jsonl"
    )
    p.add_argument(
        "--assets", type=Path, help="folder with models/, textures/ and hdri/ (optional)"
    )
    p.add_argument("--light", choices=LIGHTS)
    p.add_argument("--camera", choices=CAMERAS)
    p.add_argument(
        "--things", help="issue classes or kinds, comma separated; 'none' for a clean street"
    )
    p.add_argument("--width", type=int, default=960)
    p.add_argument("--height", type=int, default=600)
    p.add_argument("--samples", type=int, default=16)
    p.add_argument("--threads", type=int, default=0, help="processor threads (0: all)")
    p.add_argument("--jpeg", type=int, default=88, help="JPEG quality")
    p.add_argument("--demo", action="store_true", help="draw the demo set into OUT instead")
    p.add_argument(
        "--clip", action="store_true", help="draw the camera clip's layers into OUT instead"
    )
    p.add_argument("--sprites", action="store_true", help="draw sprites for composites into OUT")
    p.add_argument("--groups", type=int, default=9, help="with --clip: groups of passers-by")
    p.add_argument("--only", help="with --demo: these files' names, comma separated")
    return p.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Draw the pictures asked for; one line of JSON per picture on standard output."""
    a = _arguments(argv)
    if a.assets is not None and not (a.assets / "models").is_dir():
        print(f"--assets: {a.assets} has no folder models/", file=sys.stderr)
        return 2
    quality = Quality(a.width, a.height, a.samples, a.threads)
    if a.clip:
        save_sets(draw_sets(quality, a.assets, a.groups), a.out)
        return 0
    if a.sprites:
        sprites = draw_sprites(
            a.out,
            count=a.count,
            seed=a.seed,
            assets=a.assets,
            samples=a.samples,
            threads=a.threads,
            things=None if a.things is None else a.things.split(","),
        )
        try:
            for record in sprites:
                print(json.dumps(record), flush=True)
        except ValueError as e:
            print(str(e), file=sys.stderr)
            return 2
        return 0
    if a.demo:
        wanted = set(a.only.split(",")) if a.only else None
        shots = [s for s in DEMO if wanted is None or s.name in wanted]
    else:
        things = None
        if a.things is not None:
            things = () if a.things == "none" else tuple(a.things.split(","))
        shots = [
            Shot(f"scene_{a.seed + k:06d}", a.seed + k, a.light, a.camera, things)
            for k in range(a.count)
        ]
    for shot in shots:
        if not a.demo and (a.out / "labels" / f"{shot.name}.txt").is_file():
            continue
        started = time.monotonic()
        try:
            record = shoot(shot, a.out, quality, a.assets, jpeg=a.jpeg, flat=a.demo)
        except (ValueError, FileNotFoundError) as e:
            print(f"{shot.name}: {e}", file=sys.stderr)
            return 2
        if a.demo:
            add_to_manifest(record, a.out / "manifest.json")
        print(
            json.dumps(
                {**record, "seconds": round(time.monotonic() - started, 1)}, ensure_ascii=False
            ),
            flush=True,
        )
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # Blender's own clearing-up at the end can hang; everything is written by now
