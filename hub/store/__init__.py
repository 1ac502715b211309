"""Every table, one file a noun, and the engines that reach them. Of the hub it imports ``terms`` and ``settings``."""

from . import (
    access,
    audit_log,
    base,
    correction,
    employer,
    finding,
    identity,
    insurance,
    lineage,
    person,
    project,
    roles,
    views,
    work,
)
from .base import FOREVER, LINEAGE, NO_EMPLOYER, metadata, words
from .engine import analyze, asyncpg_dsn, database_exists, engine_for, migrate, owner_url

__all__ = [
    "FOREVER",
    "LINEAGE",
    "NO_EMPLOYER",
    "access",
    "analyze",
    "asyncpg_dsn",
    "audit_log",
    "base",
    "correction",
    "database_exists",
    "employer",
    "engine_for",
    "finding",
    "identity",
    "insurance",
    "lineage",
    "metadata",
    "migrate",
    "owner_url",
    "person",
    "project",
    "roles",
    "views",
    "words",
    "work",
]
