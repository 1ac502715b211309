"""What must hold when a process is killed, a row is altered, a part is erased."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import httpx
from city import ROOT, City, Served, city, environment, keys, secrets, served, serving  # noqa: F401

from hub.audit.checkpoint import Signer
from hub.audit.log import erase
from hub.settings import Settings


def test_killed_amid_queries_no_answer_that_left_is_without_its_record(
    city: City, keys: Path, secrets: dict[str, str], tmp_path: Path
) -> None:
    """Sixteen clients ask without pause; the hub is killed -9; whatever they were told is in the log."""
    number = city.manifest["rules"]["P06"]["planted"][0]["resident_id"]
    body = {"query": "query ($id: String!) { person(residentId: $id) { name } }", "variables": {"id": number}}
    enough = Event()
    receipts: list[str] = []

    def ask_on(url: str, token: str) -> None:
        with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, trust_env=False) as http:
            try:
                while True:
                    told = http.post("/graphql", json=body).json()
                    assert told["data"]["person"]["name"]
                    receipts.append(told["extensions"]["receipt"]["event"])
                    if len(receipts) > 200:
                        enough.set()
            except httpx.TransportError:
                return

    with serving(city, keys, tmp_path / "output") as (url, process), ThreadPoolExecutor(16) as pool:
        token = Served(url, secrets, tmp_path).token("demo-civil-affairs")
        asking = [pool.submit(ask_on, url, token) for _ in range(16)]
        assert enough.wait(60)
        process.send_signal(signal.SIGKILL)
        for one in asking:
            one.result(30)
    recorded = city.database.execute(
        "select event_id::text from audit_event where event_id = any(%s::uuid[])", receipts
    )
    assert len(receipts) == len(set(receipts)) > 200
    assert {row[0] for row in recorded} == set(receipts)


def audit_verify(city: City, keys: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hub", "audit", "verify"],
        env=environment(city, keys, "http://127.0.0.1:1"), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_an_altered_row_of_the_log_is_named(city: City, keys: Path, served: Served) -> None:
    served.ask("demo-audit", "{ deliveries { nodes { name } } }")
    _integrated(city)
    assert audit_verify(city, keys).returncode == 0
    index, event, leaf = city.database.execute(
        "select l.leaf_index, e.event_id, e.leaf from audit_leaf l join audit_event e using (event_id)"
        " where e.kind = 'token_issued' order by 1 limit 1"
    )[0]
    altered = bytes(leaf).replace(b"demo-", b"xemo-")
    city.database.execute("update audit_event set leaf = %s where event_id = %s", altered, event)
    try:
        ran = audit_verify(city, keys)
        assert ran.returncode == 1
        assert f"leaf {index}" in ran.stderr
    finally:
        city.database.execute("update audit_event set leaf = %s where event_id = %s", leaf, event)
    assert audit_verify(city, keys).returncode == 0


def test_erasing_the_personal_part_leaves_every_proof_valid(city: City, keys: Path, served: Served) -> None:
    served.ask("demo-audit", "{ deliveries { nodes { name } } }")
    _integrated(city)
    events = [row[0] for row in city.database.execute("select event_id from audit_personal limit 5")]
    with city.database.engine("owner").begin() as connection:
        assert erase(connection, events, Signer(Settings().log_origin, city.keyring.log_signer))
    _integrated(city)
    ran = audit_verify(city, keys)
    assert ran.returncode == 0, ran.stderr
    assert f"{len(events)} with their personal part erased" in ran.stdout
    city.database.execute("delete from audit_personal where event_id = (select event_id from audit_personal limit 1)")
    assert audit_verify(city, keys).returncode == 1, "deleted by hand, and nobody wrote it down"


def _integrated(city: City) -> None:
    """Wait until the server's sequencer has given every event its place."""
    from time import sleep

    while city.database.execute("select 1 from audit_pending limit 1"):
        sleep(0.1)
    sleep(0.5)


def test_what_the_server_writes_holds_no_personal_value(city: City, served: Served) -> None:
    number = city.manifest["rules"]["P06"]["planted"][0]["resident_id"]
    for query in ("{ person(residentId: %s) { name } }", "{ person(residentId: %s", "{ nothing(x: %s) }"):
        told = served.ask("demo-civil-affairs", query % json.dumps(number))
        assert number not in told.text
    with served.http(params={"query": '{ person(residentId: "%s") { name } }' % number}) as http:
        assert http.get("/graphql").status_code == 401
    assert number not in served.output.read_text("utf-8", errors="replace")
