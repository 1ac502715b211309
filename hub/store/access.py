"""Clients that may ask for tokens, and the persons each grant has already shown."""

from sqlalchemy import BigInteger, Boolean, Column, Date, LargeBinary, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from .base import Instant, metadata

client = Table(
    "client",
    metadata,
    Column("id", Text, primary_key=True, comment="OAuth client_id"),
    Column("name", Text, nullable=False, comment="the office that holds it, in its own words"),
    Column("department", Text, nullable=False, comment="folder of access_policies its grants come from"),
    Column("attributes", JSONB, nullable=False, comment="what $client.* in a grant stands for: {area, region}"),
    Column("scopes", ARRAY(Text), nullable=False, comment="the grants it may ask for"),
    Column("secret_hash", LargeBinary, comment="scrypt of the secret; null where it signs assertions"),
    Column("jwks", JSONB, comment="its public keys for private_key_jwt"),
    Column("enabled", Boolean, nullable=False, server_default="true"),
    Column("created_at", Instant, nullable=False),
    info={"place": ("local",)},
)

#: Assertions already used (RFC 7523 §3: a jti once).
assertion_used = Table(
    "assertion_used",
    metadata,
    Column("client_id", Text, nullable=False),
    Column("jti", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("client_id", "jti"),
    info={"place": ("local",)},
)

quota_window = Table(
    "quota_window",
    metadata,
    Column("scope", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("used", BigInteger, nullable=False, comment="distinct persons shown in this window"),
    PrimaryKeyConstraint("scope", "client_id", "starts_on"),
    info={"place": ("local",)},
)

quota_person = Table(
    "quota_person",
    metadata,
    Column("scope", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("person_key", Uuid, nullable=False),
    PrimaryKeyConstraint("scope", "client_id", "starts_on", "person_key"),
    info={"place": ("local",)},
)
