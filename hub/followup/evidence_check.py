"""Whether a set of evidence files is whole and says what the log was told: offline, by the log's public key alone.

In charge of saying, a sentence each, what holds and what does not; no database, no private key, no network. Raises
nothing for what was tampered with: that is its result.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from hub.audit.checkpoint import NoteInvalid, Verifier, read_vkey, verify_note
from hub.audit.verify import Verdict, verify_receipt

from .evidence import FORM, MANIFEST, NOTE, signed_text


class _Broken(Exception):  # noqa: N818 -- says what is the case
    """What does not hold."""


def verify(folder: Path, vkey: str) -> Verdict:
    """Whether the files in ``folder`` are those that the log's holder signed, and agree with one another."""
    try:
        return Verdict(ok=True, says=tuple(_sentences(folder, read_vkey(vkey), vkey)))
    except (_Broken, NoteInvalid) as error:
        return Verdict(ok=False, says=(f"Not valid: {error}.",))
    except OSError as error:
        return Verdict(ok=False, says=(f"Not valid: {error.filename} cannot be read.",))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return Verdict(ok=False, says=(f"Not valid: a file is not in the form of {FORM} ({type(error).__name__}).",))


def _sentences(folder: Path, verifier: Verifier, vkey: str) -> Iterator[str]:
    manifest = (folder / MANIFEST).read_bytes()
    if verify_note((folder / NOTE).read_text("utf-8"), verifier) != signed_text(manifest):
        raise _Broken(f"{NOTE} is not the signature of this {MANIFEST}")
    said = json.loads(manifest)
    yield f"{verifier.name} signed the manifest of finding {said['finding']}, written at {said['writtenAt']}."
    names = {one["name"] for one in said["files"]}
    there = {file.name for file in folder.iterdir()} - {MANIFEST, NOTE}
    if there != names:
        odd = sorted(there ^ names)
        raise _Broken(f"the manifest and the folder differ: {', '.join(odd)}")
    for one in said["files"]:
        if sha256((folder / one["name"]).read_bytes()).hexdigest() != one["sha256"]:
            raise _Broken(f"{one['name']} was changed")
    yield f"Its {len(names)} files are as they were written."
    yield from _agreeing(folder, said["finding"])
    yield from _letters(folder)
    yield from _proofs(folder, vkey)


def _agreeing(folder: Path, finding: str) -> Iterator[str]:
    """That facts, batches, run and rule are of one another."""
    run, told = _json(folder, "run.json"), _json(folder, "finding.json")
    if told["id"] != finding or told["rule"] != run["rule"]:
        raise _Broken("finding.json is of another finding, or the run of another rule")
    rule = (folder / "rule.sql").read_bytes()
    if rule and sha256(rule).hexdigest() != run["ruleDigest"]:
        raise _Broken("rule.sql is not the rule that was run")
    yield (
        f"The rule {run['rule']} is the very text that run {run['run']} ran."
        if rule
        else f"The text of the rule {run['rule']} was not kept; its SHA-256 is {run['ruleDigest']}."
    )
    batches = {one["batch"]: one for one in _json(folder, "batches.json")}
    if any(one["declared"] != one["loaded"] + one["rejected"] for one in batches.values()):
        raise _Broken("a batch has rows that were neither loaded nor rejected")
    facts = [json.loads(line) for line in (folder / "facts.jsonl").read_text("utf-8").splitlines()]
    for fact in facts:
        batch = batches.get(fact["batch"])
        if batch is None or batch["delivery"] != fact["delivery"] or not 1 <= fact["rowNo"] <= batch["declared"]:
            raise _Broken(f"row {fact['rowNo']} of batch {fact['batch']} is of no batch named here")
    held = {fact["batch"] for fact in facts}
    yield f"Its {len(facts)} facts are rows of {len(held)} batches; the run rested on {len(batches)}."


def _letters(folder: Path) -> Iterator[str]:
    """That the letters are those whose digests were kept."""
    for one in _json(folder, "notices.json"):
        if "letter" in one and sha256(f"{one['salt']}{one['letter']}".encode()).hexdigest() != one["textSha256"]:
            raise _Broken(f"the letter {one['number']} is not the one that was written")
        yield f"Notice {one['number']} is {one['state']}; its deadline: {one.get('deadlineOn', 'none yet')}."


def _proofs(folder: Path, vkey: str) -> Iterator[str]:
    """That the log holds what it says of the run and of the steps."""
    run = _json(folder, "run.json")
    lines = (folder / "proofs.jsonl").read_text("utf-8").splitlines()
    recorded = None
    for line in lines:
        verdict = verify_receipt(line, vkey)
        if not verdict.ok:
            raise _Broken(f"a proof does not hold: {' '.join(verdict.says)}")
        leaf = json.loads(json.loads(line)["leaf"])
        if leaf["kind"] == "check_run" and leaf["details"]["run"] == run["run"]:
            recorded = leaf["details"]
    if recorded is None:
        raise _Broken(f"no proof is of run {run['run']}")
    if (recorded["rule"], recorded["digest"]) != (run["rule"], run["ruleDigest"]):
        raise _Broken(f"the log says otherwise of run {run['run']}")
    yield f"The log holds run {run['run']} and {len(lines) - 1} other events about it; their proofs hold."


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))
