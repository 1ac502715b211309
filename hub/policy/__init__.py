"""Who may be told what: grants read from files, one decision with all its reasons, the rows and masks that follow.

In charge of every yes and no to a client. ``decide`` is pure; only ``client``, ``quota`` and ``change`` touch the
database.
"""

from .change import Change
from .client import Client
from .decide import Asked, Coordinate, Decision, Reason, asked_for, decide
from .explain import describe_masks, explain
from .grant import Example, FieldGrant, Grant, Quota, RowCondition, parse_grant, read_grants, undeclared
from .masks import MASKS, Mask
from .quota import admit, forget, remaining, window_start
from .rows import Predicate, holds, where

__all__ = [
    "MASKS",
    "Asked",
    "Change",
    "Client",
    "Coordinate",
    "Decision",
    "Example",
    "FieldGrant",
    "Grant",
    "Mask",
    "Predicate",
    "Quota",
    "Reason",
    "RowCondition",
    "admit",
    "asked_for",
    "decide",
    "describe_masks",
    "explain",
    "forget",
    "holds",
    "parse_grant",
    "read_grants",
    "remaining",
    "undeclared",
    "where",
    "window_start",
]
