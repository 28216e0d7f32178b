"""The model in service, exchanged while the service runs when another one is promoted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

import structlog

from api.services import Eyes, ModelInfo
from cases.policy import FilingPolicy
from detector.counting import Policy
from detector.detect import Detector
from detector.inspect import inspect_photo
from detector.types import Detection, Image, Look, Photo
from models import ModelCard, ModelError
from patrol.cameras.brain import Brain
from patrol.model import choose_card, choose_photo_card
from patrol.settings import Settings
from patrol.wiring import StartError

log = structlog.get_logger("patrol")

CHECK_SECONDS: Final = 5.0
"""How often the registry is asked; a promotion takes effect after this time at most."""


class ModelInService:
    """Loads the model of the settings, and the next one once it is promoted.

    A photo that is being looked at keeps the model it began with.
    """

    def __init__(self, settings: Settings) -> None:
        """Load the model now; raises ModelError, StartError."""
        self._settings = settings
        self._cards = _chosen(settings)
        self._eyes, self._brain = open_eyes(*self._cards, settings)
        self._told = ""

    def __call__(self) -> Eyes:
        """What looks at photos at this moment."""
        return self._eyes

    def brain(self) -> Brain:
        """What looks at cameras at this moment."""
        return self._brain

    def refresh(self) -> bool:
        """Load the model in service if it is another one now; True when it was exchanged.

        A model that cannot be loaded is reported and the present one stays in service.
        """
        try:
            cards = _chosen(self._settings)
            if cards == self._cards:
                return False
            eyes, brain = open_eyes(*cards, self._settings)
        except ModelError as error:
            if str(error) != self._told:
                log.error("new model cannot be used, the present one stays", reason=str(error))
                self._told = str(error)
            return False
        self._cards, self._eyes, self._brain = cards, eyes, brain
        log.info("model exchanged", models=", ".join(f"{one.name} {one.version}" for one in cards))
        return True

    def watch(self, stop: threading.Event) -> None:
        """Look for a promoted model until ``stop`` is set."""
        while not stop.wait(CHECK_SECONDS):
            self.refresh()


def open_eyes(card: ModelCard, photo_card: ModelCard, settings: Settings) -> tuple[Eyes, Brain]:
    """Models ready to look at photos and at cameras; raises ModelError, StartError.

    They share a network when their cards are the same.
    """
    detector = _opened(card, settings)
    photos = detector if photo_card == card else _opened(photo_card, settings)

    def inspect(photo: Photo) -> Look:
        return inspect_photo(photos, photo)

    def detect(image: Image) -> tuple[Detection, ...]:
        return detector.detect([image])[0]

    eyes = Eyes(
        model=ModelInfo(photo_card.name, photo_card.version, photo_card.look_sha256),
        inspect=inspect,
        policy=FilingPolicy(
            thresholds=photo_card.review_thresholds, join_radius_m=settings.merge_metres
        ),
    )
    brain = Brain(
        detect, card.name, card.look_sha256, Policy(card.review_thresholds), may_file(card)
    )
    return eyes, brain


def _chosen(settings: Settings) -> tuple[ModelCard, ModelCard]:
    """What looks at cameras, and what at photos."""
    card = choose_card(settings)
    return card, choose_photo_card(settings, card)


def _opened(card: ModelCard, settings: Settings) -> Detector:
    """The detector is made in a thread of its own: the thread that makes it keeps a session."""
    make = partial(Detector, card, settings.providers, threads=settings.threads)
    with ThreadPoolExecutor(1) as once:
        try:
            detector = once.submit(make).result()
        except ValueError as error:
            raise StartError(f"PATROL_PROVIDERS: {error}") from error
    if card.runtime not in settings.providers:
        log.warning(
            "the model's figures were made on another runtime",
            model=card.name,
            made_on=card.runtime,
            computed_by=",".join(settings.providers),
        )
    return detector


def may_file(card: ModelCard) -> dict[str, float]:
    """The confidence from which each class may file a case; validated classes alone."""
    return {
        label: value.auto
        for label, value in card.thresholds.items()
        if value.auto is not None and card.validated.get(label, False)
    }
