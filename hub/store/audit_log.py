"""The tamper-evident log of accesses: events, personal parts, leaves, tree nodes, checkpoints.

Every table but one is only ever added to; ``audit_pending`` is the queue between recording and integrating, whose rows
the writer takes out again. Erasing (``audit_personal``) is the owner's alone. No foreign keys: an event and its
personal part are one statement, and a leaf whose event is gone is what `hub audit verify` looks for.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from .base import Instant, metadata

#: What happened. The columns beside ``leaf`` repeat what it says, for filtering; only ``leaf`` is evidence.
audit_event = Table(
    "audit_event",
    metadata,
    Column("event_id", Uuid, primary_key=True, comment="UUIDv7: sorts by time, so a range of time is a range of ids"),
    Column("recorded_at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("client", Text, comment="OAuth client_id or officer; null where there is none"),
    Column("scope", Text, comment="the grant it happened under"),
    Column("persons", Integer, nullable=False, comment="distinct persons shown"),
    Column("leaf", LargeBinary, nullable=False, comment="canonical JSON: the bytes that the tree hashes"),
    Index("ix_audit_event_client", "client", "event_id"),
    info={"place": ("local",)},
)

#: What the leaf commits to and the log can forget.
audit_personal = Table(
    "audit_personal",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("personal", LargeBinary, nullable=False, comment="canonical JSON, sealed where the hub has keys"),
    info={"place": ("local",)},
)

#: Groups of events that are recorded and not yet in the tree.
audit_pending = Table(
    "audit_pending",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("event_ids", ARRAY(Uuid), nullable=False),
    Column("leaf_hashes", ARRAY(LargeBinary), nullable=False),
    info={"place": ("local",)},
)

#: The order of the tree. ``leaf_hash`` as it was when the event was integrated.
audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("leaf_index", BigInteger, primary_key=True, autoincrement=False),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("leaf_hash", LargeBinary, nullable=False),
    info={"place": ("local",)},
)

#: Hashes of perfect subtrees at levels 8, 16, 24, …: one for every 256 leaves, one more for every 65,536.
audit_node = Table(
    "audit_node",
    metadata,
    Column("level", SmallInteger, nullable=False),
    Column("index", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "index"),
    info={"place": ("local",)},
)

#: What was published: signed notes.
audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    info={"place": ("local",)},
)
