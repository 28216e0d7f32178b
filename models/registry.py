"""Which model is in service here, who put it there and why, and the way back."""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from models.card import (
    MODELS_DIR,
    ModelCard,
    ModelError,
    available,
    default_name,
    load_card,
    verify,
)

ACTIVE_FILE = "active"
HISTORY_FILE = "history.jsonl"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Change:
    """One line of the history: the model in service changed from one to another.

    ``at`` is an aware time (UTC in the file); ``reason`` is for people, ``evidence`` holds the
    comparison a promotion rests on.
    """

    at: datetime
    action: Literal["promote", "rollback"]
    before: str
    after: str
    sha256: str
    reason: str
    evidence: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Registry:
    """The models of one installation.

    ``data_dir/models`` holds models trained here (one folder each), the one-line file ``active``
    naming the model in service, and ``history.jsonl``. Without ``active`` the model named in
    ``default`` of the ``shipped`` folder is in service.
    """

    data_dir: Path
    shipped: Path = MODELS_DIR

    @property
    def folder(self) -> Path:
        """Where this installation keeps its own models, the pointer and the history."""
        return self.data_dir / "models"

    @property
    def roots(self) -> tuple[Path, ...]:
        """Where models are looked for: trained here first, then shipped."""
        return (self.folder, self.shipped)

    def cards(self) -> list[ModelCard]:
        """All models that can be put in service, by name."""
        return available(self.roots)

    def active_name(self) -> str:
        """The name of the model in service; ModelError when the pointer is not a name."""
        path = self.folder / ACTIVE_FILE
        try:
            name = path.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return default_name(self.shipped)
        if not _NAME.fullmatch(name):
            raise ModelError(f"{path}: expected the name of a model, found {name!r}")
        return name

    def active(self) -> ModelCard:
        """The card of the model in service; ModelError when it is gone (there is no fallback)."""
        return self.card(self.active_name())

    def card(self, name: str) -> ModelCard:
        """The card of the model in the folder ``name``; ModelError when there is none."""
        if not _NAME.fullmatch(name):
            raise ModelError(f"model {name!r}: expected the name of a folder, not a path")
        return load_card(name, self.roots)

    def history(self) -> tuple[Change, ...]:
        """All changes that took place, oldest first.

        A change is written down before it takes effect; one that then did not (the machine stopped
        in between) is left out.
        """
        changes = self._written()
        last = self.active_name()
        done: list[Change] = []
        for change in reversed(changes):
            if change.after == last:
                done.append(change)
                last = change.before
        return tuple(reversed(done))

    def promote(
        self,
        name: str,
        *,
        reason: str,
        evidence: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> Change:
        """Put a model in service, after checking that its file is the one its card describes.

        Whether it should be is for the caller to know; ``evidence`` is kept with the change.

        Raises:
            ModelError: no such model, a changed file, or it is in service already.
        """
        with self._lock():
            card = self.card(name)
            verify(card)
            before = self.active_name()
            if before == name:
                raise ModelError(f"model {name!r} is in service already")
            return self._change(
                "promote", before, card, reason=reason, evidence=evidence or {}, at=at
            )

    def rollback(self, *, reason: str, at: datetime | None = None) -> Change:
        """Put the model back in service that was there before the last promotion not yet undone.

        Raises:
            ModelError: nothing to go back to, or the earlier model is gone or changed.
        """
        with self._lock():
            stack: list[str] = []
            for change in self.history():
                if change.action == "promote":
                    stack.append(change.before)
                elif stack:
                    stack.pop()
            if not stack:
                raise ModelError(f"{self.folder / HISTORY_FILE}: no promotion to roll back")
            card = self.card(stack[-1])
            verify(card)
            return self._change(
                "rollback", self.active_name(), card, reason=reason, evidence={}, at=at
            )

    def _change(
        self,
        action: Literal["promote", "rollback"],
        before: str,
        card: ModelCard,
        *,
        reason: str,
        evidence: Mapping[str, Any],
        at: datetime | None,
    ) -> Change:
        if not reason.strip():
            raise ModelError("reason: expected a few words for the history, got none")
        when = at or datetime.now(UTC)
        if when.utcoffset() is None:
            raise ValueError(f"at: expected a time with a time zone, got {when.isoformat()}")
        after = card.directory.name
        change = Change(
            when.astimezone(UTC), action, before, after, card.sha256, reason, dict(evidence)
        )
        line = asdict(change) | {"at": change.at.isoformat()}
        with (self.folder / HISTORY_FILE).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        _replace(self.folder / ACTIVE_FILE, f"{after}\n")
        return change

    def _written(self) -> list[Change]:
        path = self.folder / HISTORY_FILE
        if not path.exists():
            return []
        changes = []
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            try:
                values = json.loads(line)
                changes.append(Change(**{**values, "at": datetime.fromisoformat(values["at"])}))
            except (ValueError, TypeError, KeyError) as error:
                raise ModelError(f"{path}:{number}: not a line of the history ({error})") from error
        return changes

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """One change at a time, also between processes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX)
            yield


def _replace(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old or the new text, never half of one."""
    draft = path.with_name(f".{path.name}.new")
    with draft.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
