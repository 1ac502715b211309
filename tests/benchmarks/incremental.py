"""Checking again after a batch that changed one row in a hundred, against checking everybody, with every rule.

On the city of the rules' part. The batch supersedes the rows of one person in a hundred, whoever employs them: the
changes are as scattered as they can be. It is undone afterwards, so that the city is the same for the next.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg
from measure import Databases, Figure, Table, judged, libpq, ratio, tell
from rules import REGION, Loaded, city_of

from hub import demo
from hub.audit.checkpoint import Signer
from hub.checks import RunReport, check, read_parameters
from hub.checks.example import FACTS

#: Delivery → its table, and what the new rows say otherwise.
BATCHES: Final = {
    "human_resources/enrollment": ("enrollment", "state = 'suspended'"),
    "tax/payroll": ("payroll", "yuan = yuan + 100"),
    "public_security/population": ("person", "status = 'cancelled'"),
    "human_resources/benefit": ("benefit", "state = 'ended'"),
}


def measure(folder: Path, persons: int, rounds: int) -> list[Table]:
    """The tables of this part of the report."""
    city = city_of(Databases.start(folder), folder, persons)
    table = Table(
        f"After a batch of one row in a hundred: all rules, {persons:,} persons",
        (
            "batch",
            "rows",
            "rules judged of those touched",
            "of everybody",
            "of nobody",
            "those touched, s",
            "everybody, s",
            "ratio",
            "target",
        ),
    )
    _checked(city, everybody=True)
    for delivery in BATCHES:
        few: list[float] = []
        every: list[float] = []
        for number in range(rounds):
            with _batch(city, delivery) as rows:
                seconds, reports = _checked(city, everybody=False)
            few.append(seconds)
            every.append(_checked(city, everybody=True)[0])
            tell(f"round {number + 1}/{rounds} {delivery}: {rows:,} rows, {few[-1]:.1f} s of {every[-1]:.1f} s")
        share = ratio(few, every)
        of = [one.judged_again for one in reports]
        told = [len(of) - of.count(None) - of.count(0), of.count(None), of.count(0)]
        sides = {"touched": Figure.of(few), "everybody": Figure.of(every), "ratio": share}
        table.rows.append(
            (
                delivery,
                f"{rows:,}",
                *map(str, told),
                *(sides[one].text(1) for one in ("touched", "everybody")),
                share.text(2),
                judged(share, "at most", 0.1),
            )
        )
        table.numbers[delivery] = {name: figure.json() for name, figure in sides.items()}
    return [table]


def _checked(city: Loaded, *, everybody: bool) -> tuple[float, list[RunReport]]:
    begun = perf_counter()
    reports = check(
        reader=city.reader, writer=city.writer, signer=Signer("benchmark", city.keyring.log_signer), region=REGION,
        today=city.today, parameters=read_parameters(demo.PARAMETERS), everybody=everybody,
    )  # fmt: skip
    seconds = perf_counter() - begun
    for one in reports:
        tell(f"  {one.id} {one.seconds:.2f} s {one.judged_again} {one.scope}")
    return seconds, reports


@contextmanager
def _batch(city: Loaded, delivery: str) -> Iterator[int]:
    """What a delivery says of one person in a hundred is another; in how many rows. Afterwards it never was."""
    target, other = BATCHES[delivery]
    name, _, value = other.partition(" = ")
    with psycopg.connect(libpq(city.url), autocommit=True) as connection:
        said = {name: value, "batch_id": "new.id", "known_from": "new.at", "known_until": "'9999-12-31 00:00:00+00'"}
        columns = [column.name for column in FACTS[target].c]
        row = connection.execute(
            f"""
            with new as (
                insert into batch (delivery_id, period, digest, files, status, declared, loaded, rejected, loaded_by,
                                   started_at, sealed_at, partial)
                select b.delivery_id, b.period, sha256('benchmark'), '[]', 'loaded', 1, 1, 0, 'benchmark',
                       now(), now(), true
                from batch b join delivery d on d.id = b.delivery_id and d.name = %s
                where b.status = 'loaded' order by b.id desc limit 1
                returning id, delivery_id, sealed_at as at
            ), old as (
                update {target} set known_until = new.at from new
                where {target}.delivery_id = new.delivery_id and known_until = '9999-12-31 00:00:00+00'
                  and abs(hashtext(person_key::text)) %% 100 = 0
                returning {target}.*
            ), changed as (
                insert into {target} ({", ".join(columns)})
                select {", ".join(said.get(one, f"old.{one}") for one in columns)}
                from old, new
            )
            select new.id, new.at, (select count(*) from old) from new
            """.encode(),
            (delivery,),
        ).fetchone()
        assert row, delivery
        number, at, rows = row
        connection.execute(f"analyze {target}".encode())
        try:
            yield rows
        finally:
            connection.execute(f"delete from {target} where batch_id = %s".encode(), (number,))
            undone = f"update {target} set known_until = '9999-12-31 00:00:00+00' where known_until = %s"
            connection.execute(undone.encode(), (at,))
            connection.execute("delete from batch where id = %s", (number,))
