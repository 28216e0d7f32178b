"""The card of a model: what the file is, what it was made from, and how far it can be trusted."""

from __future__ import annotations

import hashlib
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    ValidationError,
    model_validator,
)

_NAME = r"(?!\.{1,2}(/|$))[^/\\]+"
_FILE = re.compile(rf"(\.\./{_NAME}/)?{_NAME}")
CARD_FILE = "card.yaml"
CHECKPOINT_FILE = "checkpoint.pt"
"""What training can go on from, where a model keeps it; never loaded by the service."""
DEFAULT_FILE = "default"
MODELS_DIR = Path(__file__).resolve().parent

Unit = Annotated[float, Field(ge=0.0, le=1.0)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ModelError(Exception):
    """A model cannot be used; the message names the file and what was expected."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputSpec(_Part):
    """What the network takes: pixels divided by ``scale``; sides are multiples of ``stride``."""

    size: int = Field(gt=0, description="longest side of the letterboxed picture, pixels")
    stride: int = Field(gt=0)
    colour: str = Field(default="RGB", pattern="^(RGB|BGR)$")
    scale: float = Field(default=255.0, gt=0)
    layout: str = Field(default="NCHW", pattern="^NCHW$")


class View(_Part):
    """One of several ways in which a model looks at the same picture."""

    size: int = Field(gt=0, description="longest side of the letterboxed picture, pixels")
    mirrored: bool = False


class Thresholds(_Part):
    """Confidences: from ``review`` on it makes a lead, from ``auto`` on it may file a case."""

    review: Unit
    auto: Unit | None = None


class Calibration(_Part):
    """A monotone table from the network's raw confidence to a measured one, for one class.

    Between the points the value is interpolated linearly; the table ends at 0 and 1.
    """

    raw: tuple[Unit, ...] = Field(min_length=2)
    calibrated: tuple[Unit, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _monotone(self) -> Self:
        if len(self.raw) != len(self.calibrated):
            raise ValueError("raw and calibrated must have the same number of points")
        if any(b <= a for a, b in zip(self.raw, self.raw[1:], strict=False)):
            raise ValueError("raw must rise strictly")
        if any(b < a for a, b in zip(self.calibrated, self.calibrated[1:], strict=False)):
            raise ValueError("calibrated must not fall")
        return self


class DataSource(_Part):
    """One source of training or measuring pictures, with its licence."""

    source: str
    pictures: int = Field(ge=0)
    use: str
    licence: str
    note: str = ""


class ModelCard(_Part):
    """What ``card.yaml`` says about one model; ``directory`` is where it was read from."""

    name: str
    version: str
    created: date
    licence: str
    file: str
    sha256: Sha256
    classes: tuple[str, ...] = Field(min_length=1)
    input: InputSpec
    views: tuple[View, ...] = Field(
        default=(), description="looks at each picture, merged; none: once, as input says"
    )
    photos: str | None = Field(
        default=None,
        description="the model that looks at photos, beside this one or shipped; none: this one",
    )
    base: str
    thresholds: dict[str, Thresholds]
    calibration: dict[str, Calibration] = {}
    validated: dict[str, bool] = {}
    metrics: dict[str, Any] = {}
    runtime: str = Field(
        default="CPUExecutionProvider",
        min_length=1,
        description="what computed the figures and the speed here: a name PATROL_PROVIDERS takes",
    )
    speed: dict[str, Any] = {}
    data: tuple[DataSource, ...] = ()
    rendered_pictures: int = Field(default=0, ge=0)
    not_validated_for: tuple[str, ...] = ()
    training: dict[str, Any] = {}
    notes: str = ""
    _directory: Path = PrivateAttr(default=MODELS_DIR)

    @model_validator(mode="after")
    def _known_classes(self) -> Self:
        if len(set(self.classes)) != len(self.classes):
            raise ValueError("classes: every class may stand once")
        for field in ("thresholds", "calibration", "validated"):
            unknown = set(getattr(self, field)) - set(self.classes)
            if unknown:
                raise ValueError(f"{field}: not among the classes: {', '.join(sorted(unknown))}")
        if not _FILE.fullmatch(self.file):
            raise ValueError(f"file: expected NAME, or ../MODEL/NAME, got {self.file!r}")
        if self.photos is not None and not re.fullmatch(_NAME, self.photos):
            raise ValueError(f"photos: expected the name of a folder, got {self.photos!r}")
        for view in self.views:
            if view.size % self.input.stride:
                raise ValueError(
                    f"views: expected multiples of {self.input.stride}, got {view.size}"
                )
        return self

    @property
    def directory(self) -> Path:
        """The folder the card was read from."""
        return self._directory

    @property
    def path(self) -> Path:
        """The model file."""
        return self._directory / self.file

    @property
    def look_sha256(self) -> str:
        """What tells looks of this model from others: the file's sha256, with views over both."""
        if not self.views:
            return self.sha256
        words = [self.sha256, *(f"{one.size}{'m' * one.mirrored}" for one in self.views)]
        return hashlib.sha256(" ".join(words).encode()).hexdigest()

    @property
    def review_thresholds(self) -> dict[str, float]:
        """Per issue class the confidence (0..1) from which a finding becomes a lead."""
        return {label: value.review for label, value in self.thresholds.items()}


def load_card(
    model: str | Path | None = None, roots: tuple[Path, ...] = (MODELS_DIR,)
) -> ModelCard:
    """Read the card of a model.

    Args:
        model: a folder holding ``card.yaml``, the name of a model under one of ``roots``, or None
            for the one named in the file ``default`` of the first root.
        roots: folders whose sub-folders are models.

    Raises:
        ModelError: no such model, or its card is not valid; the message names file and field.
    """
    folder = _find(model if model is not None else default_name(roots[0]), roots)
    return _read(folder)


def photo_card(card: ModelCard) -> ModelCard:
    """The card of what looks at photos where ``card`` is in service; ModelError if it is gone."""
    if card.photos is None:
        return card
    try:
        return load_card(card.photos, (card.directory.parent, MODELS_DIR))
    except ModelError as error:
        raise ModelError(f"{card.directory / CARD_FILE}: photos: {error}") from error


def default_name(root: Path = MODELS_DIR) -> str:
    """The name in the one-line file ``default`` of ``root``; ModelError when there is none."""
    path = root / DEFAULT_FILE
    try:
        name = path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise ModelError(
            f"{path}: expected a file naming the default model, there is none"
        ) from None
    if not name:
        raise ModelError(f"{path}: expected the name of a model, the file is empty")
    return name


def available(roots: tuple[Path, ...] = (MODELS_DIR,)) -> list[ModelCard]:
    """The cards of all models under ``roots``, by name; ModelError when a card is not valid."""
    folders = [card.parent for root in roots for card in root.glob(f"*/{CARD_FILE}")]
    return sorted((_read(folder) for folder in folders), key=lambda card: (card.name, card.version))


def verify(card: ModelCard) -> None:
    """Raise ModelError unless the model file is there and has the card's sha256."""
    try:
        with card.path.open("rb") as file:
            actual = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise ModelError(
            f"{card.path}: the card names this model file, but it is missing"
        ) from None
    if actual != card.sha256:
        raise ModelError(
            f"{card.path}: sha256 is {actual}, the card says {card.sha256}; "
            "the file was changed or the card belongs to another one"
        )


def _find(model: str | Path, roots: tuple[Path, ...]) -> Path:
    direct = Path(model)
    if (direct / CARD_FILE).is_file():
        return direct.resolve()
    if isinstance(model, str) and Path(model).name == model:
        for root in roots:
            if (root / model / CARD_FILE).is_file():
                return (root / model).resolve()
    known = sorted(card.parent.name for root in roots for card in root.glob(f"*/{CARD_FILE}"))
    raise ModelError(
        f"model {str(model)!r}: expected a folder with {CARD_FILE} or one of: "
        f"{', '.join(known) or '(no models are installed)'}"
    )


def _read(folder: Path) -> ModelCard:
    path = folder / CARD_FILE
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: expected YAML: {error}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path}: expected a mapping, got {type(content).__name__}")
    try:
        card = ModelCard.model_validate(content)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'card'}: {item['msg']}" for item in error.errors()
        )
        raise ModelError(f"{path}: {wrong}") from error
    card._directory = folder
    return card
