"""Notices: written, printed, served, withdrawn, mailed."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from hub import checks
from hub.errors import CheckError, FollowupError
from hub.followup import letter, outbox
from hub.followup import notice as notices
from hub.followup.notice import Issued
from hub.settings import settings

from . import parts
from .console import out, table
from .officer import By, Position, Reason, acting

notice = typer.Typer(help="Notices (告知书、提醒函): write, print, serve, withdraw.", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="The notice's number: 荣人社告知〔2026〕1号.")]


@notice.command("issue")
def notice_issue(
    rule: Annotated[str, typer.Argument(help="Of which rule's findings, by its name or id.")],
    by: By,
    position: Position,
    kind: Annotated[
        str, typer.Option(help="notification, reminder_letter, rectification or interview.")
    ] = "notification",
    workdays: Annotated[int | None, typer.Option(help="The term, where the city has set none.", min=1)] = None,
    area: Annotated[str | None, typer.Option(help="Only of this reporting area.")] = None,
    finding: Annotated[list[UUID] | None, typer.Option(help="Only of this finding; repeat for several.")] = None,
    most: Annotated[int, typer.Option(help="At most so many.", min=1)] = 10_000,
    message: Annotated[bool, typer.Option("--message", help="A text message too, where a phone is known.")] = False,
) -> None:
    """Write a notice for every open finding of a rule that has none of this kind. Again, it writes nothing twice."""
    office, chosen, acts = letter.office_of(settings()), _rule(rule), acting(by, position)
    with parts.writer().begin() as connection:
        written = notices.issue(
            connection, chosen, kind, office=office, region=settings().region, keyring=parts.bound_keyring(),
            workdays=workdays, area=area, findings=finding, most=most, **acts,
        )  # fmt: skip
        queued = 0
        if message:
            telling = [_told(chosen, one, office) for one in written if one.phone]
            queued = outbox.put(connection, telling, at=acts["at"], keyring=parts.bound_keyring())
    if not written:
        out.print("Nothing to write: every open finding has its notice, or there is none.")
        return
    span = written[0].number if len(written) == 1 else f"{written[0].number} to {written[-1].number}"
    out.print(f"{len(written):,} written: {span}. {queued:,} messages wait in the outbox.", markup=False)
    out.print("Print one: hub notice print NUMBER -o FILE. When it reached its addressee: hub notice served NUMBER")


@notice.command("list")
def notice_list(
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    state: Annotated[str | None, typer.Option(help="issued, served or withdrawn.")] = None,
    most: Annotated[int, typer.Option(help="At most so many.", min=1)] = 100,
) -> None:
    """Notices, newest first, and what to do about each."""
    today = parts.today()
    with parts.reader().connect() as connection:
        found = notices.listed(connection, None if rule is None else _rule(rule).name, state)
        rows = [
            [one.number, one.rule, one.state, one.issued_at, one.served_on, one.deadline_on, _to_do(one, today)]
            for one, _ in zip(found, range(most), strict=False)
        ]
    table("Notices", ["number", "rule", "state", "issued", "served", "deadline", "what to do"], rows)


@notice.command("served")
def notice_served(
    number: Number,
    by: By,
    position: Position,
    on: Annotated[datetime, typer.Option(help="The day it reached its addressee.", formats=["%Y-%m-%d"])],
    how: Annotated[str, typer.Option(help="in_person, post, electronic or announcement.")],
) -> None:
    """Say when and how a notice reached its addressee: from that day its term runs."""
    with parts.writer().begin() as connection:
        last = notices.serve(connection, number, on=on.date(), how=how, **acting(by, position))
    out.print(f"Its last day is {last}. Then check anew: hub check")


@notice.command("withdraw")
def notice_withdraw(number: Number, by: By, position: Position, because: Reason) -> None:
    """Take a notice back. Those of findings that clear are withdrawn by themselves."""
    with parts.writer().begin() as connection:
        notices.withdraw(connection, number, because=because, **acting(by, position))
    out.print("Withdrawn.")


@notice.command("print")
def notice_print(
    number: Number,
    by: By,
    position: Position,
    output: Annotated[Path, typer.Option("--output", "-o", help="The HTML file to write, readable by you alone.")],
) -> None:
    """Write a letter in clear, to print it. The look is recorded."""
    acts = acting(by, position)
    with parts.writer().begin() as connection:
        said = notices.opened(
            connection, number, officer=acts["officer"], keyring=parts.bound_keyring(), signer=acts["signer"]
        )
    output.touch(0o600)
    output.chmod(0o600)
    output.write_text(said["letter"] or "", "utf-8")
    out.print(f"Written to {output}, with personal data in clear: delete it when it is printed.", markup=False)


@notice.command("mail")
def notice_mail(
    number: Number,
    by: By,
    position: Position,
    address: Annotated[str, typer.Option(prompt=True, help="Where to; asked for where it is not said.")],
) -> None:
    """Put a letter into the outbox, to go by mail. That it was sent is no service."""
    acts = acting(by, position)
    office = letter.office_of(settings())
    with parts.writer().begin() as connection:
        one = notices.by_number(connection, number)
        if one.state == "withdrawn":
            raise FollowupError("FOLLOWUP_STATE", f"{number} is withdrawn", str(one.withdrawn_because), "")
        said = notices.opened(
            connection, number, officer=acts["officer"], keyring=parts.bound_keyring(), signer=acts["signer"]
        )
        content = outbox.Content(address, f"{office.name} {number}", f"请见所附{number}。", said["letter"])
        telling = outbox.Queued("mail", "notice", one.id, one.subject_key, one.finding_id, content)
        new = outbox.put(connection, [telling], at=acts["at"], keyring=parts.bound_keyring())
    out.print("It waits in the outbox." if new else "Not queued: it is there already, or they want no messages.")


def _rule(asked: str) -> checks.Rule:
    found = next((one for one in checks.read_rules() if asked == one.name or asked.upper() in one.ids), None)
    if found is None:
        raise CheckError("CHECK_UNKNOWN_RULE", f"no rule is called '{asked}'", "", "see them with: hub check --explain")
    return found


def _told(rule: checks.Rule, one: Issued, office: letter.Office) -> outbox.Queued:
    values = {
        "office": office.name, "contact": office.contact, "noun": letter.NOUNS[one.subject], "number": one.number,
        "workdays": one.workdays, "title": letter.title(rule),
    }  # fmt: skip
    content = outbox.Content(one.phone or "", one.number, letter.rendered("message.txt", values))
    return outbox.Queued("gateway", "notice", one.id, one.subject_key, one.finding_id, content)


def _to_do(one: Any, today: date) -> str:
    if one.state == "issued":
        return "send it, then hub notice served"
    if one.state == "served" and one.provisional:
        return "its year's working days are not announced yet"
    if one.state == "served":
        return "hub check; then close it, or hub discipline propose" if today > one.deadline_on else "wait"
    return ""
