"""U17E: who carries out key projects, and has not enrolled all its staff."""

from datetime import date

from hub.demo.planting import Planting
from hub.demo.shortfall import counted_short


def plant(pad: Planting, turn: int) -> None:
    for eid in counted_short(pad, "U17E", turn):
        pad.project(eid, date(2025, 3 + turn % 6, 3), date(2025, 2, 10))
