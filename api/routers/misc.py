"""Small facts the desk needs: health, units, classes, counts."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

from api.deps import AnyCaller, TheServices, guarded_router
from api.schemas import ClassesOut, ClassOut, HealthOut, ModelOut
from api.services import Services
from api.web import is_built
from cases import query
from cases.views import Summary, UnitView

router = guarded_router("service")

ISSUE_NAMES: Final = (
    ("spill", "道路遗撒", "Spill"),
    ("stacked_goods", "乱堆物料", "Stacked goods"),
    ("stall", "占道经营", "Stall"),
    ("litter", "暴露垃圾", "Litter"),
    ("overflowing_bin", "垃圾箱满溢", "Overflowing bin"),
)
"""Issue classes with their names; the place in this list is the key at the review desk."""


def health(services: Services) -> HealthOut:
    """Whether the service works; asks the database."""
    with services.db.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    model = services.eyes().model
    return HealthOut(
        status="ok",
        version=version("video-patrol"),
        model=ModelOut(name=model.name, version=model.version, sha256=model.sha256),
        web="built" if is_built(services.options.web_dir) else "missing",
    )


@router.get("/healthz")
def get_health(services: TheServices) -> HealthOut:
    """Whether the service works, which model looks, and whether the review desk is built."""
    return health(services)


@router.get("/units")
def get_units(caller: AnyCaller, services: TheServices) -> list[UnitView]:
    """Who handles cases."""
    return list(query.list_units(services.db))


@router.get("/classes")
def get_classes(caller: AnyCaller) -> ClassesOut:
    """The issue classes with their names and keys."""
    return ClassesOut(
        issue=[
            ClassOut(label=label, zh=zh, en=en, key=str(place))
            for place, (label, zh, en) in enumerate(ISSUE_NAMES, start=1)
        ]
    )


@router.get("/summary")
def get_summary(caller: AnyCaller, services: TheServices) -> Summary:
    """The figures on the desk's top line."""
    return query.summary(
        services.db,
        actor=caller.actor,
        timezone=services.options.timezone,
        now=datetime.now(UTC),
    )
