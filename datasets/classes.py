"""The one list of what the detector learns, so that every file of labels means the same thing."""

from __future__ import annotations

from typing import Final

ISSUE_CLASSES: Final = ("spill", "stacked_goods", "stall", "litter", "overflowing_bin")
"""Classes that may become a lead; detector class ids 0-4, in this order."""

CONTEXT_CLASSES: Final = ("bin", "person", "two_wheeler", "car", "truck")
"""Classes needed for masking and occlusion; detector class ids 5-9. A bus counts as a truck."""

CLASSES: Final = ISSUE_CLASSES + CONTEXT_CLASSES
"""All detector classes; a label's id is its index here."""
