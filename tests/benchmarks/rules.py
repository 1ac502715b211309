"""Rules: each through the hub's check against its bare SQL in psql, on the demonstration's city; and how they grow.

The city is `hub.demo`'s, loaded by the hub's intake, in two sizes. What the hub does beside the SQL is reading it out,
bringing the findings in line and recording the run. Both sides have a connection already, the session's settings of
`hub.checks.judge`, and write every row down: psql to a file, the hub to its findings. They take turns in going first.
"""

import math
import os
import subprocess
import tempfile
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import psycopg
from measure import Databases, Figure, Table, judged, libpq, psql, ratio, tell
from sqlalchemy import Engine

from hub import demo
from hub.audit.checkpoint import Signer
from hub.checks import check, judge, read_parameters, read_rules
from hub.checks.rule import Rule
from hub.intake import load
from hub.sealing import Keyring, new_keyring, read_keyring, write_keyring
from hub.store import engine_for, migrate

ROOT: Final = Path(__file__).resolve().parents[2]
REGION: Final = "371082"
SMALL: Final = 60_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A city that is loaded: where, and the day it is."""

    url: str
    today: date
    keyring: Keyring

    reader: Engine
    writer: Engine

    @classmethod
    def at(cls, url: str, today: date, keyring: Keyring) -> "Loaded":
        return cls(url, today, keyring, engine_for("reader", url), engine_for("writer", url))


def measure(folder: Path, persons: int, rounds: int) -> list[Table]:
    """The tables of this part of the report."""
    databases = Databases.start(folder)
    little = SMALL if persons > SMALL else max(5_000, persons // 10)
    cities = {size: city_of(databases, folder, size) for size in (little, persons)}
    bare: dict[tuple[int, str], list[float]] = defaultdict(list)
    whole: dict[tuple[int, str], list[float]] = defaultdict(list)
    verdicts: dict[str, str] = {}
    chosen = list(read_rules())
    for number in range(rounds + 1):  # the first opens the findings and warms the caches; it is not counted
        for size, city in cities.items():
            for rule in chosen:
                sql = _sql(city, rule)
                alone = _in_psql(city, sql) if sql and number % 2 else 0.0
                (report,) = check(
                    [rule], reader=city.reader, writer=city.writer,
                    signer=Signer("benchmark", city.keyring.log_signer), region=REGION, today=city.today,
                    parameters=read_parameters(demo.PARAMETERS),
                )  # fmt: skip
                if sql and not number % 2:
                    alone = _in_psql(city, sql)
                if number and sql:
                    bare[size, rule.name].append(alone)
                    whole[size, rule.name].append(report.seconds)
                if size == persons:
                    verdicts[rule.name] = report.because or f"{report.found:,}"
                tell(f"round {number}/{rounds} {size:,} {rule.id}: psql {alone:.3f} s, hub {report.seconds:.3f} s")
    return [_table(chosen, little, persons, bare, whole, verdicts, rounds)]


def _table(
    chosen: list[Rule],
    little: int,
    persons: int,
    bare: dict[tuple[int, str], list[float]],
    whole: dict[tuple[int, str], list[float]],
    verdicts: dict[str, str],
    rounds: int,
) -> Table:
    table = Table(
        f"Rules: {persons:,} persons",
        (
            "rule",
            "found",
            "SQL in psql, s",
            "hub, s",
            "hub ÷ psql",
            "target",
            f"at {little:,}",
            f"growth from {little:,}",
            "÷ n log n",
        ),
    )
    allowed = persons * math.log(persons) / (little * math.log(little))
    for rule in chosen:
        big = (persons, rule.name)
        if not whole[big]:
            table.rows.append((f"{rule.id} {rule.name}", f"not judged: {verdicts.get(rule.name, '')}", *[""] * 7))
            continue
        small = (little, rule.name)
        quotient = ratio(whole[big], bare[big])
        growth = ratio(whole[big], whole[small]) if whole[small] else None
        table.rows.append(
            (
                f"{rule.id} {rule.name}",
                verdicts[rule.name],
                Figure.of(bare[big]).text(3),
                Figure.of(whole[big]).text(3),
                quotient.text(2),
                judged(quotient, "at most", 1.5),
                ratio(whole[small], bare[small]).text(2) if growth else "",
                *((growth.text(1), f"{growth.middle / allowed:.2f}") if growth else ("", "")),
            )
        )
        table.numbers[rule.name] = {
            "psql": Figure.of(bare[big]).json(),
            "hub": Figure.of(whole[big]).json(),
            "hub_over_psql": quotient.json(),
            **({"growth": growth.json(), "growth_over_n_log_n": growth.middle / allowed} if growth else {}),
        }
    judged_ones = [(persons, rule.name) for rule in chosen if whole[persons, rule.name]]
    everything, bare_sql = (
        [sum(each) for each in zip(*(side[one] for one in judged_ones), strict=True)] for side in (whole, bare)
    )
    table.notes += [
        f"all together: hub ÷ psql {ratio(everything, bare_sql).text(2)}, hub {Figure.of(everything).text(1)} s",
        f"{rounds} rounds, psql and hub in turn; the hub reads the rows, keeps the findings, writes the run and its event.",
        f"n log n allows {allowed:.1f} times the seconds of {little:,} persons.",
    ]
    return table


def _sql(city: Loaded, rule: Rule) -> str:
    """The rule's SQL with everything filled in; empty where it cannot be judged."""
    with judge.session(city.reader) as session, judge.snapshot(session, None) as facts:
        return judge.basis(
            facts, rule, read_parameters(demo.PARAMETERS), region=REGION, today=city.today, known_at=None
        ).sql


def _in_psql(city: Loaded, sql: str) -> float:
    """Seconds of the SQL in psql by its own clock, its rows written to a file."""
    said = {"role": "hub_reader", "search_path": "facts_now,public", "jit": "off", "timezone": "UTC", **judge.SETTINGS}
    with tempfile.TemporaryDirectory() as folder:
        script = f"\\timing on\n\\o {folder}/rows\n{sql};\n"
        told = subprocess.run(
            [psql(), "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", libpq(city.url)],
            input=script, capture_output=True, text=True, check=True,
            env=os.environ | {"PGOPTIONS": " ".join(f"-c {name}={value}" for name, value in said.items())},
        ).stdout  # fmt: skip
    return float(told.rpartition("Time: ")[2].split()[0]) / 1000


def city_of(databases: Databases, folder: Path, persons: int) -> Loaded:
    """The demonstration's city of ``persons``, built and loaded unless it is there."""
    keys = folder / "keys.json"
    if not keys.exists():
        write_keyring(new_keyring(), keys)
    keyring = read_keyring(keys)
    name = databases.kept(f"rules_{persons}")
    if databases.exists(name):
        with psycopg.connect(libpq(databases.url(name))) as connection, suppress(psycopg.errors.UndefinedTable):
            row = connection.execute("select today from benchmark_complete").fetchone()
            if row is not None:
                migrate(databases.url(name))  # the views may be others than when it was loaded
                return Loaded.at(databases.url(name), row[0], keyring)
    url = databases.make(name)
    with tempfile.TemporaryDirectory(dir=folder) as files:
        tell(f"building a city of {persons:,} persons")
        manifest = demo.build(Path(files), persons=persons, seed=1)
        engine = engine_for("writer", url)
        for delivery, period, paths in demo.periods(manifest):
            report = load(
                delivery,
                [Path(files) / path for path in paths],
                period=date.fromisoformat(f"{period}-01"),
                engine=engine,
                keyring=keyring,
                declarations=ROOT,
                archive=Path(files) / "archive",
                by="benchmark",
            )
            tell(f"  {delivery} {period}: {report.loaded:,} rows in {report.seconds:.1f} s")
        engine.dispose()
    with psycopg.connect(libpq(url), autocommit=True) as connection:
        connection.execute("vacuum analyze")
        connection.execute("create table benchmark_complete as select %s::date as today", (manifest["today"],))
    return Loaded.at(url, date.fromisoformat(manifest["today"]), keyring)
