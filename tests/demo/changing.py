"""Changes to a loaded city: random batches, and deliveries that never came."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from postgres import Database

from hub.checks import Rule, judge
from hub.checks.example import FACTS
from hub.checks.judge import Basis
from hub.checks.parameter import Parameter
from hub.store.lineage import batch

#: Columns that a changed row takes from another row of its table.
CHANGED = {
    "person_key", "employer_key", "contractor_key", "legal_representative_key", "month", "starts_on", "ends_on", "state",
    "status", "status_on", "birth_on", "sex", "kind", "insurance", "happened_on", "yuan", "contribution_base", "paid",
    "headcount", "area", "closed_on", "last_paid_month", "registered_on", "insured_on", "left_on",
}  # fmt: skip


def deliver_changes(database: Database, random: Random, rows: int) -> None:
    """A batch of some delivery: rows that end, rows that say otherwise, rows that are new, and a rejected one."""
    with database.engine().begin() as connection:
        known = connection.execute(
            sa.text(
                "select d.id, d.name, d.target, max(b.period), max(b.loaded) from delivery d join batch b"
                " on b.delivery_id = d.id and b.status = 'loaded' group by d.id order by d.id"
            )
        ).all()
        chosen = random.choice([one for one in known if one[4]])
        table = FACTS[chosen[2]]
        at = connection.execute(
            sa.text("select greatest(clock_timestamp(), max(sealed_at) + interval '1 microsecond') from batch")
        ).scalar_one()
        said = {"delivery_id": chosen[0], "period": chosen[3], "digest": str(at).encode(), "files": [], "partial": True}
        said |= {"status": "loaded", "declared": rows, "loaded": rows, "rejected": 0, "loaded_by": "test"}
        new = connection.execute(
            batch.insert().values(said | {"started_at": at, "sealed_at": at}).returning(batch.c.id)
        ).scalar_one()
        current = [
            dict(row)
            for row in connection.execute(
                sa.select(table)
                .where(
                    table.c.delivery_id == chosen[0],
                    table.c.known_until == sa.text("timestamptz '9999-12-31 00:00:00+00'"),
                )
                .order_by(*(table.c[name] for name in table.info["key"]))
            ).mappings()
        ]
        for row in random.sample(current, min(rows, len(current))):
            mine = sa.and_(*(table.c[name] == row[name] for name in (*table.info["key"], "known_until")))
            if random.random() < 0.7:
                connection.execute(table.update().where(mine).values(known_until=at))
            if random.random() < 0.7:
                other = random.choice(current)
                taken = random.sample(sorted(CHANGED & set(row)), min(2, len(CHANGED & set(row))))
                changed = row | {name: other[name] for name in taken} | {"batch_id": new, "known_from": at}
                there = [sa.and_(*(table.c[n] == changed[n] for n in (*table.info["key"], "known_until")))]
                if not connection.execute(sa.select(sa.func.count()).select_from(table).where(*there)).scalar_one():
                    connection.execute(table.insert().values(changed))
        subject = random.choice(current)
        keys = [value for name, value in subject.items() if name in {"person_key", "employer_key"} and value]
        connection.execute(
            sa.text(
                "insert into rejected_row (batch_id, row_no, sealed, reasons, subjects) values (:b, 1, '', '{}', :s)"
            ),
            {"b": new, "s": keys},
        )


def kept(database: Database) -> Mapping[str, Any]:
    """What is kept of findings: their states, figures and evidence, and whom the rules could not decide."""
    return {
        "findings": database.execute(
            'select rule, id, state, severity, area, region, employer_key, person_key, project_code, "values",'
            " coalesce(unknown_because, '') from finding order by rule, id"
        ),
        "evidence": database.execute(
            "select finding_id, run_id, fact, batch_id, row_no from finding_evidence order by 1, 2, 3, 4, 5"
        ),
        "undecided": database.execute("select rule, id from undecided order by 1, 2"),
    }


@contextmanager
def without(database: Database, delivery: str) -> Iterator[sa.Connection]:
    """The city as if a delivery had never come: undone afterwards."""
    with database.engine().connect() as connection:
        (number,) = connection.execute(sa.text("select id from delivery where name = :name"), {"name": delivery}).one()
        for table in FACTS.values():
            connection.execute(table.delete().where(table.c.delivery_id == number))
        connection.execute(sa.text("delete from batch where delivery_id = :id"), {"id": number})
        connection.execute(sa.text("set local search_path = facts_now, public; set local enable_nestloop = off"))
        yield connection
        connection.rollback()


def based(connection: sa.Connection, rule: Rule, parameters: Mapping[str, Parameter], region: str, day: date) -> Basis:
    return judge.basis(connection, rule, parameters, region=region, today=day, known_at=None)


def said(connection: sa.Connection, basis: Basis) -> dict[tuple[UUID, str], tuple[str, str]]:
    """(subject, matter) → what a rule says of it, and how certain it calls that."""
    names = judge.columns(connection, basis.rule, basis.sql)
    rows = [row for (row,) in judge.verbatim(connection, judge.as_json(basis.sql, names))]
    return {
        (UUID(row["subject_key"]), row.get("matter") or ""): (row["verdict"], row.get("certainty") or "confirmed")
        for row in rows
    }
