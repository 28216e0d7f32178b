"""Standard codes of the issue classes: always (standard, kind, code), never a bare number."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from cases.errors import InvalidError

GB_2026 = "GB/T 47678.5-2026"
GB_2013 = "GB/T 30428.2-2013"
CJ_2007 = "CJ/T 214-2007"
DEFAULT_STANDARD = GB_2026

Kind = Literal["event", "component"]


@dataclass(frozen=True)
class StandardCode:
    """One entry of a code table.

    ``kind`` keeps events (事项/事件) and components (部件) apart, whose numbers overlap.
    ``nearest`` is True where the edition has no entry of its own for the class and the closest
    one is used.
    """

    standard_ref: str
    kind: Kind
    code: str
    name_zh: str
    name_en: str
    nearest: bool = False


def _edition(
    ref: str, rows: tuple[tuple[str, str, str, str, bool], ...]
) -> MappingProxyType[str, StandardCode]:
    return MappingProxyType(
        {
            label: StandardCode(ref, "event", code, name_zh, name_en, nearest)
            for label, code, name_zh, name_en, nearest in rows
        }
    )


# The codes are taken from public transcriptions of the three editions, not from the standards'
# own texts: compare them with the local edition before contractual use.
CODES: MappingProxyType[str, MappingProxyType[str, StandardCode]] = MappingProxyType(
    {
        GB_2026: _edition(
            GB_2026,
            (
                ("spill", "06014", "道路遗撒", "Spill on the road", False),
                ("stacked_goods", "06036", "乱堆杂物", "Goods stacked in disorder", False),
                ("stall", "09006", "占道经营", "Trading on the road", False),
                ("litter", "06010", "暴露垃圾", "Exposed garbage", False),
                ("overflowing_bin", "06042", "垃圾站(箱)满溢", "Overflowing bin", False),
            ),
        ),
        GB_2013: _edition(
            GB_2013,
            (
                ("spill", "0114", "道路遗撒", "Spill on the road", False),
                ("stacked_goods", "0136", "乱堆物堆料", "Goods stacked in disorder", False),
                ("stall", "0406", "占道经营", "Trading on the road", False),
                ("litter", "0110", "暴露垃圾", "Exposed garbage", False),
                ("overflowing_bin", "0110", "暴露垃圾", "Exposed garbage", True),
            ),
        ),
        CJ_2007: _edition(
            CJ_2007,
            (
                ("spill", "0112", "道路遗撒", "Spill on the road", False),
                ("stacked_goods", "0507", "乱堆物堆料", "Goods stacked in disorder", False),
                ("stall", "0501", "无照经营游商", "Unlicensed hawker", True),
                ("litter", "0102", "暴露垃圾", "Exposed garbage", False),
                ("overflowing_bin", "0102", "暴露垃圾", "Exposed garbage", True),
            ),
        ),
    }
)

ISSUE_LABELS = tuple(CODES[DEFAULT_STANDARD])


def standard_code(label: str, standard_ref: str = DEFAULT_STANDARD) -> StandardCode:
    """The code of an issue class in one edition; raises InvalidError naming the field."""
    edition = CODES.get(standard_ref)
    if edition is None:
        raise InvalidError(
            f"unknown standard {standard_ref!r}; known: {', '.join(CODES)}", field="standard_ref"
        )
    if label not in edition:
        raise InvalidError(
            f"unknown issue class {label!r}; known: {', '.join(edition)}", field="label"
        )
    return edition[label]
