"""Serving: the hub against the two baselines, three questions, one database, one core.

Every contender answers the same questions with the same facts (compared before anything is timed) from the same rows,
with as many database connections. Rounds go through all contenders in turn; one before the first is not counted.

The server has its core for itself. PostgreSQL works on that of the load generator: left to the system, it would take
from the server's core as much as the other core cannot hold, from one contender more than from another.
"""

import base64
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import load
import orjson
from big_city import BigCity, big_city, resident_id
from measure import (
    CORES,
    Databases,
    Figure,
    Table,
    beside_the_generator,
    between,
    busy,
    busy_with_children,
    judged,
    pin,
    ratio,
    tell,
)
from sqlalchemy import create_engine

from hub.policy.client import register_client, set_client

ROOT: Final = Path(__file__).resolve().parents[2]
CONNECTIONS: Final = 32
HEAD: Final = """
title = "benchmark"
purpose = "measuring"
basis = "none"
approved_by = "nobody"
expires = 2099-12-31
"""
#: The grants of the benchmark, as narrow as real ones: masks, a row scope, a quota.
GRANTS: Final = {
    "bench/person": f"""{HEAD}
quota = {{ persons = 100_000_000, per = "day" }}
roots = ["person"]
[fields.Person]
residentId = {{ mask = "last4" }}
name = {{ mask = "surname" }}
sex = {{}}
birthOn = {{}}
area = {{}}
status = {{}}
enrollments = {{}}
[fields.Enrollment]
insurance = {{}}
startsOn = {{}}
endsOn = {{}}
state = {{}}
contributionBase = {{}}
employer = {{}}
[fields.Employer]
name = {{}}
[[rows.Person]]
column = "region"
under = ["$client.region"]
[[rows.Enrollment]]
reached = true
[[rows.Employer]]
reached = true
""",
    "bench/employers": f"""{HEAD}
quota = {{ persons = 100_000_000, per = "day" }}
roots = ["employers"]
[fields.Employer]
uscc = {{}}
name = {{}}
kind = {{}}
industry = {{}}
area = {{}}
status = {{}}
registeredOn = {{}}
staffDeclared = {{}}
insuredPersons = {{}}
[fields.Person]
residentId = {{ mask = "last4" }}
name = {{ mask = "surname" }}
sex = {{}}
birthOn = {{}}
area = {{}}
[[rows.Employer]]
column = "region"
under = ["$client.region"]
[[rows.Person]]
reached = true
""",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the document, the grant it is asked under, its variables one after another."""

    name: str
    title: str
    path: str
    grant: str
    document: str
    variables: Sequence[dict[str, Any]]
    contenders: Sequence[str]


def questions(persons: int) -> list[Question]:
    """The questions about a city of ``persons``."""
    chance = random.Random(7)  # noqa: S311 - the same persons every time
    asked = [{"id": resident_id(chance.randrange(persons))} for _ in range(2_000)]
    days = [{"since": (date(2000, 1, 2) + timedelta(days=day)).isoformat()} for day in range(40)]
    person = (
        "query ($id: String!) { person(residentId: $id) { residentId name sex birthOn area status"
        " enrollments { insurance startsOn endsOn state contributionBase employer { name } } } }"
    )
    return [
        Question("person", "one person, spells, employers' names", "/person", "bench/person", person, asked,
                 ("hub", "plain", "cached", "handwritten", "unrecorded")),
        Question(
            "employers", "500 employers × 8 fields", "/employers", "bench/employers",
            "query ($since: Date) { employers(first: 500, registeredSince: $since) { nodes {"
            " uscc name kind industry area status registeredOn staffDeclared } } }",
            days, ("hub", "plain", "handwritten"),
        ),
        Question(
            "insured", "100 employers × 10 insured persons × 5 fields", "/insured", "bench/employers",
            "query ($since: Date) { employers(first: 100, registeredSince: $since) { nodes {"
            " name insuredPersons(first: 10) { residentId name sex birthOn area } } } }",
            days, ("hub", "plain", "handwritten"),
        ),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ran:
    """One run, and the microseconds of processor an answer took: the server's, and PostgreSQL's for it."""

    rate: float
    middle: float
    slow: float
    server: float
    database: float


@dataclass(frozen=True, slots=True)
class Serving:
    """A contender that is up."""

    pid: int
    port: int
    tokens: dict[str, str]

    def request(self, question: Question, variables: dict[str, Any], *, graphql: bool) -> load.Request:
        if not graphql:
            return load.Request(question.path, (), orjson.dumps(variables))
        token = self.tokens.get(question.grant)
        headers = (("accept", "application/json"), *((("authorization", f"Bearer {token}"),) if token else ()))
        body = orjson.dumps({"query": question.document, "variables": variables})
        return load.Request("/graphql", headers, body)


def measure(folder: Path, persons: int, rounds: int, seconds: float) -> list[Table]:
    """The tables of this part of the report."""
    databases = Databases.start(folder)
    city = big_city(databases, folder, persons)
    asked = questions(persons)
    with ExitStack() as stack:
        up = {
            name: stack.enter_context(_serving(name, city, folder))
            for name in ("hub", "unrecorded", "plain", "cached", "handwritten")
        }
        postgres = databases.pid
        stack.enter_context(beside_the_generator(postgres))
        stub = stack.enter_context(_serving("stub", city, folder))
        pin("generator")
        wires = {(one.name, name): _wires(up[name], one, name) for one in asked for name in one.contenders}
        for one in asked:
            _same(up, one)
        tell("every contender answers the same")
        ran: dict[tuple[str, str], list[Ran]] = defaultdict(list)
        for number in range(rounds + 1):
            for one in asked:
                for name in one.contenders:
                    took = _ran(up[name], postgres, wires[one.name, name], seconds)
                    if number:  # after the first, statements are prepared and the persons asked about are counted
                        ran[one.name, name].append(took)
                    tell(f"round {number}/{rounds} {one.name} {name}: {took.rate:,.0f}/s")
        first_time = [_first_time(up["hub"], postgres, asked[0], city, seconds) for _ in range(rounds)]
        ceiling = [
            load.run(stub.port, wires["person", "hub"], connections=CONNECTIONS, seconds=1.0).rate
            for _ in range(rounds)
        ]
    return [_table(asked, ran, persons, rounds, seconds, ceiling, first_time)]


def _wires(serving: Serving, question: Question, contender: str) -> list[bytes]:
    graphql = contender != "handwritten"
    return [serving.request(question, one, graphql=graphql).wire() for one in question.variables]


def _ran(serving: Serving, postgres: int, wires: Sequence[bytes], seconds: float) -> Ran:
    server, database_before = busy(serving.pid), busy_with_children(postgres)
    run = load.run(serving.port, wires, connections=CONNECTIONS, seconds=seconds)
    server, database = busy(serving.pid) - server, between(database_before, busy_with_children(postgres))
    answers = max(run.answers, 1) / 1e6
    return Ran(run.rate, run.middle, run.slow, server / answers, database / answers)


def _first_time(hub: Serving, postgres: int, question: Question, city: BigCity, seconds: float) -> Ran:
    """Persons whom the client was never shown: each is counted towards the quota for the first time."""
    chance = random.Random(time.time_ns())  # noqa: S311
    variables = [{"id": resident_id(chance.randrange(city.persons))} for _ in range(int(6_000 * (seconds + 1)))]
    wires = [hub.request(question, one, graphql=True).wire() for one in variables]
    return _ran(hub, postgres, wires, seconds)


def _same(up: dict[str, Serving], question: Question) -> None:
    """Whether all say the same; an AssertionError that shows where not."""
    for variables in question.variables[:20]:
        told = {}
        for name in question.contenders:
            request = up[name].request(question, variables, graphql=name != "handwritten")
            answer = httpx.post(
                f"http://127.0.0.1:{up[name].port}{request.path}",
                content=request.body,
                headers={"content-type": "application/json", **dict(request.headers)},
            )
            told[name] = answer.json().get("data") if answer.status_code == 200 else answer.text
        for name, data in told.items():
            if not isinstance(data, dict) or data != told["handwritten"]:
                raise AssertionError(f"{name} says otherwise: {str(data)[:500]} / {str(told['handwritten'])[:500]}")


# -- contenders --------------------------------------------------------------------------------------------------


@contextmanager
def _serving(name: str, city: BigCity, folder: Path) -> Iterator[Serving]:
    """Start a contender, wait until it answers, stop it at the end."""
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    declarations = folder / "declarations"
    _write_grants(declarations)
    environment = os.environ | {
        "HUB_DATABASE_URL": city.url,
        "HUB_DATA": str(folder),
        "HUB_KEY_FILE": str(city.key_file),
        "HUB_URL": url,
        "HUB_TODAY": "2026-11-21",
        "HUB_DECLARATIONS": str(declarations),
        "HUB_TOKEN_SECONDS": "3600",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
    }
    if name == "cached":
        environment["BENCH_CACHED"] = "1"
    program = [
        sys.executable,
        str(Path(__file__).parent / "serve.py"),
        "plain" if name == "cached" else name,
        str(port),
    ]
    process = subprocess.Popen(program, env=environment, cwd=ROOT, start_new_session=True)
    try:
        tokens = {}
        if name in {"hub", "unrecorded"}:
            _wait(f"{url}/ready", process)
            tokens = _tokens(url, city)
        else:
            _wait(f"{url}/", process)
        yield Serving(process.pid, port, tokens)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _write_grants(declarations: Path) -> None:
    for name, text in GRANTS.items():
        path = declarations / "access_policies" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"a contender ended with {process.returncode}")
        try:
            if httpx.get(url, timeout=5).status_code != 503:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}")


def _tokens(url: str, city: BigCity) -> dict[str, str]:
    """A token a grant, for a client that is registered for this server."""
    client = f"bench-{time.time_ns()}"
    engine = create_engine(city.url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        secret = register_client(
            connection, client_id=client, name="benchmark", department="bench", attributes={"region": "371082"}
        )
        set_client(connection, client, scopes=list(GRANTS))
    engine.dispose()
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    tokens = {}
    for grant in GRANTS:
        answer = httpx.post(
            f"{url}/oauth/token",
            data={"grant_type": "client_credentials", "scope": grant},
            headers={"authorization": f"Basic {basic}"},
        )
        answer.raise_for_status()
        tokens[grant] = answer.json()["access_token"]
    return tokens


# -- the report --------------------------------------------------------------------------------------------------


def _table(
    asked: list[Question],
    ran: dict[tuple[str, str], list[Ran]],
    persons: int,
    rounds: int,
    seconds: float,
    ceiling: list[float],
    first_time: list[Ran],
) -> Table:
    table = Table(
        f"Serving: {persons:,} persons, {CONNECTIONS} connections",
        ("question", "contender", "requests/s", "p50 ms", "p99 ms", "µs server", "µs PostgreSQL", "hub ÷ it", "target"),
    )

    def rates(question: str, contender: str) -> list[float]:
        return [one.rate for one in ran[question, contender]]

    targets: dict[tuple[str, str], float] = {
        ("person", "plain"): 25, ("person", "handwritten"): 0.6,
        ("employers", "handwritten"): 0.9, ("insured", "handwritten"): 0.9,
    }  # fmt: skip
    for one in asked:
        for name in one.contenders:
            runs = ran[one.name, name]
            rate = Figure.of(rates(one.name, name))
            numbers: dict[str, Any] = {"rate": rate.json()}
            cells = ["", ""]
            if name not in {"hub", "unrecorded"}:
                quotient = ratio(rates(one.name, "hub"), rates(one.name, name))
                numbers["hub_over_it"] = quotient.json()
                target = targets.get((one.name, name))
                cells = [quotient.text(2), judged(quotient, "at least", target) if target else ""]
            elif name == "unrecorded":
                cost = Figure.of([1 - with_it / without for with_it, without in
                                  zip(rates(one.name, "hub"), rates(one.name, name), strict=True)])  # fmt: skip
                numbers["record_costs"] = cost.json()
                cells = [f"the record takes {cost.text(2)}", judged(cost, "at most", 0.2)]
            table.rows.append((one.title, _LABELS[name], rate.text(), *_spent(runs), *cells))
            table.numbers[f"{one.name}/{name}"] = numbers | {
                part: Figure.of([getattr(run, part) for run in runs]).json() for part in _PARTS
            }
    first = Figure.of([one.rate for one in first_time])
    share = ratio([one.rate for one in first_time], rates("person", "handwritten"))
    table.rows.append(
        (
            "one person, never shown before",
            _LABELS["hub"],
            first.text(),
            *_spent(first_time),
            f"{share.text(2)} of by hand",
            "",
        )
    )
    table.numbers["person/first_time"] = {"rate": first.json()}
    table.numbers["generator_ceiling"] = Figure.of(ceiling).json()
    where = "the server on one core, the load generator on the other" if CORES else "nothing pinned (one core)"
    table.notes += [
        f"{rounds} rounds of {seconds:g} s, contenders in turn; medians (smallest to largest); ratios within a round.",
        f"{where}; PostgreSQL beside the generator, for every contender alike.",
        "Each has 8 database connections (the hub beside them one for its log).",
        f"The load generator by itself reaches {Figure.of(ceiling).text()} requests/s.",
        "One person: 2,000 different persons in turn, as many as the daily quota of a real grant, all counted before.",
    ]
    return table


#: What is told of a run beside its rate, in milliseconds and microseconds.
_PARTS = {"middle": 1, "slow": 1, "server": 0, "database": 0}


def _spent(runs: list[Ran]) -> list[str]:
    return [f"{Figure.of([getattr(run, part) for run in runs]).middle:,.{digits}f}" for part, digits in _PARTS.items()]


_LABELS = {
    "hub": "hub, everything on",
    "unrecorded": "hub, log not written",
    "plain": "plain Strawberry, ORM, DataLoaders",
    "cached": "the same, documents cached",
    "handwritten": "by hand",
}
