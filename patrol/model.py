"""Which model looks: the one the settings name, or the one in service here."""

from __future__ import annotations

from models import ModelCard, load_card, photo_card
from models.registry import Registry
from patrol.settings import Settings


def choose_card(settings: Settings) -> ModelCard:
    """The card of PATROL_MODEL (a name or a folder), else of the promoted or shipped default.

    Raises:
        ModelError: there is no such model, or its card is not valid.
    """
    registry = Registry(settings.data_dir)
    if settings.model is None:
        return registry.active()
    return load_card(settings.model, registry.roots)


def choose_photo_card(settings: Settings, card: ModelCard) -> ModelCard:
    """The card of PATROL_PHOTO_MODEL, else what ``card``, the one for cameras, names for photos.

    Raises:
        ModelError: there is no such model, or its card is not valid.
    """
    if settings.photo_model is None:
        return photo_card(card)
    return load_card(settings.photo_model, Registry(settings.data_dir).roots)
