"""Accesses: the log, proofs from it, and what a grant allows."""

from datetime import datetime

import strawberry
from strawberry.scalars import JSON

from hub.query.bind import BY_ROOT, column, noun, source_of
from hub.store.audit_log import audit_event

LEAF = "convert_from({a}.leaf, 'UTF8')::jsonb"


@noun(source_of(audit_event))
class AccessEvent:
    """An event of the access log (访问日志)."""

    event_id: strawberry.ID = column("{a}.event_id::text", "Its number; `receiptProof` takes it.")
    recorded_at: datetime = column(audit_event.c.recorded_at, "When it was recorded.")
    kind: str = column(audit_event.c.kind, "What happened, such as query_answered or query_refused.")
    outcome: str = column(audit_event.c.outcome, "allowed, refused or failed.")
    client: str | None = column(audit_event.c.client, "Who asked: the OAuth client.")
    grant: str | None = column(audit_event.c.scope, "Under which grant.")
    purpose: str | None = column(f"{LEAF} ->> 'purpose'", "For which purpose.")
    persons: int = column(audit_event.c.persons, "How many distinct persons the answer showed.")
    reasons: JSON | None = column(f"{LEAF} -> 'reasons'", "Why it was refused.")
    leaf_hash: str = column(
        "encode(sha256('\\x00'::bytea || {a}.leaf), 'base64')", "What the log's tree hashes it to, in base64."
    )
    leaf: str = column("encode({a}.leaf, 'base64')", "The bytes that the log's tree hashes, in base64.")


@noun(BY_ROOT)
class ReceiptProof:
    """The proof that an event is in the log (收据证明)."""

    event_id: strawberry.ID = column("", "The event.")
    proof: JSON = column("", "The proof file: save it, and check it offline with `hub audit verify-receipt`.")


@noun(BY_ROOT)
class AccessExplanation:
    """What the grant in use makes of a query (权限说明)."""

    allowed: bool = column("", "Whether it would be answered.")
    sentences: list[str] = column("", "Why, in sentences.")
