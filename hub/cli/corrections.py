"""What is done with findings: disputes over rows, and evidence that stands alone."""

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from hub.followup import correction, evidence, evidence_check
from hub.followup.correction import STEP_TITLES, Dispute, DisputeAnswer
from hub.store import asyncpg_dsn

from . import parts
from .console import complain, out, progress, table
from .data import check_all, show_findings

corrections = typer.Typer(
    help="Rows that are disputed (校核纠错): open, answer, take to the next authority.", no_args_is_help=True
)
evidences = typer.Typer(help="A finding with everything it rests on, as files that stand alone.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(help="The dispute, by its id.", metavar="DISPUTE")]
Reason = Annotated[str, typer.Option(prompt=True, help="In words; kept sealed.")]


@corrections.command("open")
def dispute(
    batch: Annotated[int, typer.Argument(help="The batch, as a finding's evidence names it.")],
    row: Annotated[int, typer.Argument(help="The row of it.")],
    because: Reason,
) -> None:
    """Say that a delivered row is wrong. Its department has ten working days to answer."""
    with parts.changing() as change:
        one = correction.dispute(change, batch=batch, row=row, because=because)
        rules = correction.resting(change.connection, batch, row)
    _show([one])
    resting = f"Findings of {', '.join(rules)} rest on it: until it is answered, nobody is told or listed for them."
    out.print(resting if rules else "No open finding rests on it.")


@corrections.command("answer")
def answer(
    number: Number,
    given: Annotated[DisputeAnswer, typer.Argument(metavar="ANSWER", help="corrected, confirmed or not_ours.")],
    because: Reason,
    batch: Annotated[int | None, typer.Option(help="The batch that brought the corrected row.")] = None,
) -> None:
    """Answer for the department. Where the row was corrected, every rule that rested on it is judged again."""
    with parts.changing() as change:
        one, rules = correction.answer(change, dispute=number, answer=given, because=because, corrected_in=batch)
    _show([one])
    if rules:
        with progress() as bars:
            reports = check_all(list(rules), bars("cross-checks"))
        show_findings(reports)


@corrections.command("escalate")
def escalate(number: Number, because: Reason) -> None:
    """Take a dispute one step up: its time is over, or its answer is not accepted."""
    with parts.changing() as change:
        one = correction.escalate(change, dispute=number, because=because)
    _show([one])


@corrections.command("list")
def disputes(
    every: Annotated[bool, typer.Option("--all", help="Those that were answered too.")] = False,
) -> None:
    """The disputes, those whose time ends first before the others."""
    with parts.reader().connect() as connection:
        _show(correction.disputes(connection, parts.today(), answered=None if every else False))


def _show(found: list[Dispute]) -> None:
    columns = ["dispute", "delivery", "batch", "row", "step", "with", "due by", "answer", "what to do"]
    rows = [
        [
            one.id,
            one.delivery,
            one.batch,
            one.row,
            one.step,
            STEP_TITLES[one.step],
            one.due_on,
            one.answer,
            _remedy(one),
        ]
        for one in found
    ]
    table("Disputes", columns, rows)


def _remedy(one: Dispute) -> str:
    if one.answer == "corrected":
        return ""
    if one.answer is not None:
        return "accept it, or hub correction escalate"
    return "OVERDUE: ask, or hub correction escalate" if one.overdue else "hub correction answer"


@evidences.command("write")
def write(
    finding: Annotated[UUID, typer.Argument(help="The finding's id.")],
    out_: Annotated[Path, typer.Option("--out", help="The folder to write into.")] = Path(),
) -> None:
    """Write a finding's evidence: facts, batches, rule, parameters, disputes, and the proofs of the log."""
    keyring, at = parts.bound_keyring(), datetime.now(UTC)
    with parts.writer().begin() as connection:
        found = evidence.gather(
            connection, finding, by=getpass.getuser(), at=at, signer=parts.signer(), unseal=keyring.open
        )
    place = evidence.write(found, out_, dsn=asyncpg_dsn("writer"), at=at, signer=parts.signer())
    out.print(f"{place}: {len(found.files) + 3} files.", markup=False)
    out.print(
        "Whoever holds the log's public key (hub audit key) checks it offline: hub evidence verify FOLDER --key KEY"
    )


@evidences.command("verify")
def verify(
    folder: Annotated[Path, typer.Argument(help="The folder with the evidence.", exists=True, file_okay=False)],
    key: Annotated[str | None, typer.Option(help="The log's public key (hub audit key). Unset: this hub's.")] = None,
) -> None:
    """Check evidence offline: needs neither the hub nor its database, only the log's public key."""
    verdict = evidence_check.verify(folder, key or parts.signer().vkey)
    for sentence in verdict.says:
        if verdict.ok:
            out.print(sentence, markup=False)
        else:
            complain(sentence)
    if not verdict.ok:
        sys.exit(1)
