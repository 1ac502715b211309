"""Departments ask over HTTP: answered, refused with reasons, proved. Only HTTP from here on."""

import json
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from city import City, Served, city, keys, secrets, served  # noqa: F401


def planted(city: City, rule: str, at: int = 0) -> dict[str, str]:
    case: dict[str, str] = city.manifest["rules"][rule]["planted"][at]
    return case


def test_civil_affairs_verifies_its_own_persons(city: City, served: Served) -> None:
    number = planted(city, "P06")["resident_id"]
    stranger = planted(city, "P02")["resident_id"]
    told = served.ask(
        "demo-civil-affairs",
        'query ($ids: [String!]!) { enrollmentStatus(residentIds: $ids, insurance: "resident_pension") { status reason } }',
        {"ids": [number, stranger]},
    )
    assert told.status_code == 200
    mine, other = told.json()["data"]["enrollmentStatus"]
    assert mine == {"status": "NO", "reason": None}
    assert other["status"] == "UNKNOWN"
    assert told.json()["extensions"]["quota"]["remaining"] < 2000


def test_what_the_agreement_does_not_name_is_refused_with_every_reason(city: City, served: Served) -> None:
    number = planted(city, "P06")["resident_id"]
    told = served.ask(
        "demo-civil-affairs",
        "query ($id: String!) { person(residentId: $id) { phone enrollments { contributionBase } } }",
        {"id": number},
    )
    assert told.status_code == 403
    assert {one["extensions"]["detail"] for one in told.json()["errors"]} == {
        "Person.phone",
        "Enrollment.contributionBase",
    }
    assert "data" not in told.json()
    assert number not in told.text


def test_human_resources_pulls_a_cross_check_with_its_evidence(city: City, served: Served) -> None:
    told = served.ask(
        "demo-human-resources",
        """query ($uscc: String!) { crossCheck(uscc: $uscc) {
             months { month headcountTaxed headcountEnrolled wageTotal baseTotal }
             findings { rule severity evidence { fact delivery period batch rowNo } } } }""",
        {"uscc": planted(city, "U04")["uscc"]},
    )
    assert told.status_code == 200, told.text
    check = told.json()["data"]["crossCheck"]
    last = check["months"][-1]
    assert last["headcountTaxed"] > last["headcountEnrolled"]
    finding = next(one for one in check["findings"] if one["rule"] == "headcount_above_enrollment")
    assert finding["evidence"]
    assert all(one["batch"] and one["rowNo"] for one in finding["evidence"])


def test_a_town_sees_its_own_area_only(city: City, served: Served) -> None:
    told = served.ask("demo-town", "{ findings(first: 200) { nodes { area rule person { name } } } }")
    assert told.status_code == 200, told.text
    assert {one["area"] for one in told.json()["data"]["findings"]["nodes"]} <= {"371082100"}


def test_market_supervision_gets_yes_no_or_unknown(city: City, served: Served) -> None:
    uscc = planted(city, "U01")["uscc"]
    told = served.ask(
        "demo-market", "query ($uscc: String!) { employerEnrollment(uscc: $uscc) { status reason } }", {"uscc": uscc}
    )
    assert told.json()["data"] == {"employerEnrollment": {"status": "NO", "reason": None}}


def test_the_audit_bureau_reads_who_asked_and_sees_nobody(city: City, served: Served) -> None:
    number = planted(city, "P06")["resident_id"]
    served.ask("demo-civil-affairs", "query ($id: String!) { person(residentId: $id) { name } }", {"id": number})
    told = served.ask("demo-audit", "{ accessLog(first: 5) { nodes { kind client grant persons } } }")
    assert {"kind": "query_answered", "client": "demo-civil-affairs",
            "grant": "civil_affairs/low_income_verification", "persons": 1} in told.json()["data"]["accessLog"]["nodes"]  # fmt: skip
    assert served.ask("demo-audit", "{ findings { nodes { person { name } } } }").status_code == 403


def test_an_answer_is_proved_offline(city: City, served: Served, tmp_path: Path) -> None:
    """The receipt at once; the proof as soon as it is integrated; both checked by a process that has only the key."""
    number = planted(city, "P06")["resident_id"]
    told = served.ask("demo-civil-affairs", "query ($id: String!) { person(residentId: $id) { name } }", {"id": number})
    event = told.json()["extensions"]["receipt"]["event"]
    proof: Any = None
    until = monotonic() + 20
    while proof is None and monotonic() < until:
        answer = served.ask(
            "demo-civil-affairs", "query ($e: ID!) { receiptProof(eventId: $e) { proof } }", {"e": event}
        )
        proof = answer.json()["data"]["receiptProof"]
        sleep(0.2)
    key = subprocess.run(
        [sys.executable, "-c", _PRINT_KEY, city.keyring.log_key.hex()], capture_output=True, text=True, check=True
    ).stdout.strip()
    for name, content in (("receipt", told.json()), ("proof", answer.json())):
        file = tmp_path / f"{name}.json"
        file.write_text(json.dumps(content))
        ran = verify(file, key, tmp_path)
        assert ran.returncode == 0, ran.stderr
        file.write_text(file.read_text().replace(event[:8], "00000000"))
        assert verify(file, key, tmp_path).returncode == 1
    others = served.ask("demo-market", "query ($e: ID!) { receiptProof(eventId: $e) { proof } }", {"e": event})
    assert others.status_code == 403 or others.json()["data"] == {"receiptProof": None}


_PRINT_KEY = (
    "import sys; from hub.audit.checkpoint import Signer; from hub.settings import Settings;"
    "from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as K;"
    "print(Signer(Settings().log_origin, K.from_private_bytes(bytes.fromhex(sys.argv[1]))).vkey)"
)


def verify(file: Path, key: str, nowhere: Path) -> subprocess.CompletedProcess[str]:
    """`hub audit verify-receipt` where there is no hub: no key file, a database that is not there."""
    environment = {"HUB_DATA": str(nowhere / "none"), "HUB_DATABASE_URL": "postgresql://127.0.0.1:1/none", "PATH": ""}
    return subprocess.run(
        [sys.executable, "-m", "hub", "audit", "verify-receipt", str(file), "--key", key],
        capture_output=True, text=True, check=False, env=environment, cwd=nowhere,
    )  # fmt: skip
