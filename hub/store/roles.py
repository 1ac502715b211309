"""Who may do what to which table: the second lock.

The owner migrates. ``hub_writer`` loads, checks and logs; it may add rows everywhere, but may change only what is
named here: of a fact nothing but ``known_until``, of the access log nothing. ``hub_reader`` answers queries and runs
rules; it sees no client secret, no rejected row, no personal part of the log.

Privileges are a state, not a history: `hub db upgrade` sets them after every migration, from the tables themselves.
"""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, inspect, text

from .base import metadata

WRITER: Final = "hub_writer"
READER: Final = "hub_reader"

#: Tables that only the writer may read.
WRITER_ONLY: Final = {
    "client",
    "assertion_used",
    "quota_window",
    "quota_person",
    "audit_personal",
    "indicator_cell",
    "message",
    "national_return_row",
}
#: Of these the reader sees these columns, and no others: of whom a rejected row speaks, not what it says.
READER_PARTLY: Final = {"rejected_row": "batch_id, row_no, subjects, replayed_in"}
#: What the writer may change besides adding: table → privileges.
CHANGES: Final = {
    "audit_pending": "delete",
    "channel_position": "update",
    "correction": "update",
    "delivery": "update",
    "discipline": "update",
    "employment_month": "update, delete",
    "employer_alias": "update",
    "finding": "update",
    "client": "update, delete",
    "message": "update",
    "message_opt_out": "update",
    "notice": "update",
    "notice_number": "update",
    "reminder": "update",
    "assertion_used": "delete",
    "national_return_row": "update",
    "quota_window": "update",
    "quota_person": "delete",
    "rejected_row": "update",
    "work_item": "update",
    "undecided": "delete",
}


def statements(tables: set[str], *, maintainable: bool) -> Iterator[str]:
    """The statements that put the privileges on ``tables`` in place, each harmless to repeat.

    ``maintainable``: the server knows the privilege to analyze another's table (PostgreSQL 17 and newer).
    """
    for role in (WRITER, READER):
        yield (
            f"do $$ begin if not exists (select from pg_roles where rolname = '{role}') "
            f"then create role {role}; end if; exception when duplicate_object or unique_violation then null; end $$"
        )
        yield f"grant usage on schema public to {role}"
    yield f"grant usage on all sequences in schema public to {WRITER}"
    both = f"{WRITER}, {READER}"
    yield f"do $$ begin execute format('grant temporary on database %I to {both}', current_database()); end $$"
    for table in metadata.sorted_tables:
        if table.name not in tables:  # a migration that is yet to come, or was taken back
            continue
        yield f"revoke all on {table.name} from {WRITER}, {READER}"
        yield f"grant select, insert on {table.name} to {WRITER}"
        if table.info.get("fact"):
            yield f"grant update (known_until) on {table.name} to {WRITER}"
            if maintainable:  # so that a load that changes much can renew the planner's statistics
                yield f"grant maintain on {table.name} to {WRITER}"
        if table.name in CHANGES:
            yield f"grant {CHANGES[table.name]} on {table.name} to {WRITER}"
        if table.name in READER_PARTLY:
            yield f"grant select ({READER_PARTLY[table.name]}) on {table.name} to {READER}"
        elif table.name not in WRITER_ONLY:
            yield f"grant select on {table.name} to {READER}"


def grant(connection: Connection) -> None:
    """Make the roles and set their privileges."""
    version = connection.dialect.server_version_info or (0,)
    for statement in statements(set(inspect(connection).get_table_names()), maintainable=version >= (17,)):
        connection.execute(text(statement))
