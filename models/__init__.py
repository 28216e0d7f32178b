"""Model files with their cards: load one by name and verify that the file is the one described."""

from models.card import (
    CHECKPOINT_FILE,
    MODELS_DIR,
    Calibration,
    DataSource,
    InputSpec,
    ModelCard,
    ModelError,
    Thresholds,
    View,
    available,
    default_name,
    load_card,
    photo_card,
    verify,
)

__all__ = [
    "CHECKPOINT_FILE",
    "MODELS_DIR",
    "Calibration",
    "DataSource",
    "InputSpec",
    "ModelCard",
    "ModelError",
    "Thresholds",
    "View",
    "available",
    "default_name",
    "load_card",
    "photo_card",
    "verify",
]
