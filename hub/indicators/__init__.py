"""From work to indicators: what is measured of a month, against which targets, and what may be seen of it.

``compute`` reckons a month's measures into a frozen release, ``publish`` shows it; reports, the API and the progress
against targets come from what is shown, never from what was reckoned. The monthly return to the national participation
store (`national`) is the one output with identifiers. See ``README.md``.
"""

from hub.indicators.measure import Measure, read_measure, read_measures
from hub.indicators.release import Release, compute, due, publish, published, read
from hub.indicators.target import Targets, read_targets

__all__ = [
    "Measure",
    "Release",
    "Targets",
    "compute",
    "due",
    "publish",
    "published",
    "read",
    "read_measure",
    "read_measures",
    "read_targets",
]
