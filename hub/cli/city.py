"""`hub demo`: a synthetic city, loaded, cross-checked and served."""

import os
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import Annotated, Any

import orjson
import typer

from hub import demo as city
from hub import settings as configured
from hub.errors import HubError
from hub.policy.client import find_client, register_client, renew_secret, set_client
from hub.store import analyze, migrate

from . import operate, outside, parts
from .access import noted
from .console import out, progress
from .data import check_all, load_one, show, show_findings
from .indicators import publish_due

#: The demonstration's clients: id → (office, grant, attributes).
CLIENTS: Mapping[str, tuple[str, str, Mapping[str, str]]] = {
    "demo-civil-affairs": ("荣成市民政局（演示）", "civil_affairs/low_income_verification", {"region": "371082"}),
    "demo-human-resources": ("荣成市人力资源和社会保障局（演示）", "human_resources/employer_cross_check", {}),
    "demo-follow-up": ("荣成市人力资源和社会保障局 扩面科（演示）", "human_resources/follow_up", {}),
    "demo-town": ("俚岛镇（演示）", "town/visit_list", {"area": "371082100"}),
    "demo-town-work": ("俚岛镇（演示）", "town/worklist", {"area": "371082100"}),
    "demo-market": ("荣成市市场监督管理局（演示）", "market_supervision/employer_enrolled", {"region": "371082"}),
    "demo-steering": ("荣成市全民参保工作领导小组办公室（演示）", "steering_office/indicators", {"region": "371082"}),
    "demo-audit": ("荣成市审计局（演示）", "audit_bureau/access_log", {}),
}


def demo(
    persons: Annotated[
        int | None,
        typer.Option(help="Persons in it: 60,000, or as many as the city has that is there.", min=5_000, max=1_000_000),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same city; 1 if not said.")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Whether to answer at the end.")] = True,
    mariadb: Annotated[
        str | None,
        typer.Option(help="A department's front-end database, mysql+pymysql://user@host/name: a table is made in it."),
    ] = None,
) -> None:
    """Build a synthetic city, load its departments' deliveries, cross-check them, serve. Ctrl-C stops; it can go on."""
    bound = operate.bind(host, port) if serving else None
    url = f"http://{host}:{port}"
    folder = configured.settings().data / "city"
    with progress() as bars:
        manifest = _built(folder, persons, seed, bars("building the city"))
        os.environ.setdefault("HUB_TODAY", manifest["today"])  # the city's deliveries are fresh on its own day
        os.environ["HUB_URL"] = url
        configured.settings.cache_clear()
        _prepared()
        secrets = _clients()
        begun = perf_counter()
        reports = []
        with outside.departments(folder, manifest, mariadb) as ways:
            for name, period, files in city.periods(manifest):
                come = ways.get(name, load_one)
                reports.append(come(name, [folder / file for file in files], parts.a_month(period), bars(name)))
        loading = perf_counter() - begun
        analyze()
        findings = check_all(None, bars("cross-checks"))
        publish_due()
    out.print(f"[bold]{manifest['note']}[/bold]  {manifest['persons']:,} persons, seed {manifest['seed']}")
    show(reports)
    out.print(f"Loading took {loading:,.1f} seconds.\n")
    show_findings(findings)
    month = manifest["period"]
    out.print(f"Indicators of {month} are published. As a workbook: hub report month --month {month} --xlsx FILE")
    if bound is None:
        return
    out.print(commands(url, manifest, secrets, configured.settings().data), markup=False, soft_wrap=True)
    operate.listen(bound)


def _built(folder: Path, persons: int | None, seed: int | None, report: Any) -> dict[str, Any]:
    """The city's manifest; builds the city where it is not there yet."""
    file = folder / "manifest.json"
    if file.exists():
        manifest: dict[str, Any] = orjson.loads(file.read_bytes())
        if persons not in {None, manifest["persons"]} or seed not in {None, manifest["seed"]}:
            raise HubError(
                "EXECUTE_CITY",
                f"{folder.parent} holds a city of {manifest['persons']:,} persons with seed {manifest['seed']}",
                "another one does not go beside it",
                f"Say --persons {manifest['persons']} --seed {manifest['seed']}, or set HUB_DATA to another folder.",
            )
        return manifest
    return city.build(folder, persons=persons or 60_000, seed=1 if seed is None else seed, progress=report)


def _prepared() -> None:
    """Keys, tables, and the values that no policy gives."""
    migrate()
    city.set_parameters(configured.settings().data / "parameters")
    if not configured.settings().keys_path.exists():
        parts.make_keyring()


def _clients() -> dict[str, str]:
    """The demonstration's clients, each with a fresh secret."""
    secrets = {}
    with parts.writer().begin() as connection:
        for client_id, (office, grant, attributes) in CLIENTS.items():
            if find_client(connection, client_id) is None:
                secrets[client_id] = register_client(
                    connection,
                    client_id=client_id,
                    name=office,
                    department=grant.partition("/")[0],
                    attributes=dict(attributes),
                    scopes=[grant],
                )
            else:
                set_client(connection, client_id, attributes=dict(attributes), scopes=[grant])
                secrets[client_id] = renew_secret(connection, client_id)
            noted(connection, client_id, "registered for the demonstration")
    return secrets


def commands(url: str, manifest: dict[str, Any], secrets: Mapping[str, str], folder: Path) -> str:
    """Commands to paste: answered, refused, a proof of the first, and what is published. Answers go to ``folder``."""
    person = manifest["rules"]["P06"]["planted"][0]["resident_id"]
    answer, proof = folder / "answer.json", folder / "proof.json"

    def asking(client: str) -> str:
        token = (
            f"$(curl -s -u {client}:{secrets[client]} {url}/oauth/token"
            f" -d grant_type=client_credentials -d scope={CLIENTS[client][1]}"
            """ | sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')"""
        )
        return f"curl -s {url}/graphql -H 'Content-Type: application/json' -H \"Authorization: Bearer {token}\" -d "

    ask = asking("demo-civil-affairs")
    enrolled = (
        'query ($id: [String!]!) { enrollmentStatus(residentIds: $id, insurance: \\"resident_pension\\") '
        "{ residentId status reason freshness { delivery state } } }"
    )
    base = "query ($id: String!) { person(residentId: $id) { name enrollments { contributionBase } } }"
    proved = "query ($event: ID!) { receiptProof(eventId: $event) { eventId proof } }"
    event = f"""$(sed 's/.*"event": *"\\([^"]*\\)".*/\\1/' {answer})"""
    figures = (
        '{ indicators(first: 100, measure: \\"staff_coverage\\", insurance: \\"employee_pension\\") '
        "{ nodes { month area value unit state } } }"
    )
    return f"""
Synthetic data only (合成数据). GraphQL: {url}/graphql · tokens: {url}/oauth/token · ready: {url}/ready

1. Answered: is this assisted person enrolled in the resident pension?
{ask}'{{"query": "{enrolled}", "variables": {{"id": ["{person}"]}}}}' | tee {answer}; echo

2. Refused, with its reason: the contribution base is not part of the agreement.
{ask}'{{"query": "{base}", "variables": {{"id": "{person}"}}}}'; echo

3. Proved: the first answer stands in the access log, a moment after it was given.
sleep 2; {ask}'{{"query": "{proved}", "variables": {{"event": "'{event}'"}}}}' | tee {proof}; echo
   Check it offline: .venv/bin/hub audit verify-receipt {proof}

4. Published: the share of employers' staff that is enrolled, by town and street, small figures hidden.
{asking("demo-steering")}'{{"query": "{figures}"}}'; echo

Listening on {url} — Ctrl-C stops.
"""
