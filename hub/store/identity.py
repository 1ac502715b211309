"""Which keys this database was filled under: another key file finds nobody in it, and must not add to it."""

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, Column, Connection, SmallInteger, Table, Text, inspect, select
from sqlalchemy.dialects.postgresql import insert

from hub.errors import HubError

from .base import Instant, metadata

hub_identity = Table(
    "hub_identity",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("key_fingerprint", Text, nullable=False, comment="what tells the key file from another; tells no key"),
    Column("since", Instant, nullable=False),
    CheckConstraint("id = 1", name="one"),
    info={"place": ("local",)},
)


def claim(connection: Connection, fingerprint: str) -> None:
    """Bind the database to a key file, the first time; HubError where it is bound to another."""
    connection.execute(
        insert(hub_identity).values(id=1, key_fingerprint=fingerprint, since=datetime.now(UTC)).on_conflict_do_nothing()
    )
    bound = connection.scalar(select(hub_identity.c.key_fingerprint))
    if bound != fingerprint:
        raise HubError(
            "EXECUTE_KEYS",
            f"This database was filled under the key file {bound}, and this one is {fingerprint}",
            "every person would get another key, and nothing sealed would open",
            "Put the right key file back (HUB_KEY_FILE), or point HUB_DATABASE_URL at an empty database.",
        )


def bound_to(connection: Connection) -> str | None:
    """The fingerprint of the key file that the database is bound to; None where it is new."""
    if not inspect(connection).has_table(hub_identity.name):
        return None
    return connection.scalar(select(hub_identity.c.key_fingerprint))
