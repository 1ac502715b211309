"""The outbox and reminders: what is sent to whom a finding is about, by which ways out, and what goes by a visit."""

from dataclasses import astuple
from typing import Annotated, Final

import sqlalchemy as sa
import typer

from hub.errors import FollowupError
from hub.followup import letter, outbox, remind
from hub.followup.channels import read_channels
from hub.followup.gateway import GatewayChannel
from hub.followup.mail import MailChannel
from hub.followup.officer import Officer
from hub.followup.worklist import DAYS
from hub.settings import settings

from . import parts
from .console import out, table
from .officer import By, Finding, Position, acting, now

messages = typer.Typer(help="The outbox: messages that wait, and who wants none.", no_args_is_help=True)
reminders = typer.Typer(help="Reminders to interrupted payers: who is due how often.", invoke_without_command=True)

_FINDINGS: Final = sa.text("select subject_key, subject from finding where id = :finding")


@messages.command("list")
def outbox_list() -> None:
    """How many messages wait, were sent, failed or were called off, and why."""
    with parts.writer().connect() as connection:
        rows = [list(one) for one in outbox.counted(connection)]
    table("Outbox", ["channel", "about", "state", "because", "messages", "oldest"], rows)


@messages.command("send")
def outbox_send() -> None:
    """Send what is due now. `hub work` does it all the time."""
    if not ways_out():
        raise FollowupError(
            "FOLLOWUP_CHANNELS", "There is no way out", "neither a mail server nor a gateway is declared",
            "name the file of them by HUB_CHANNELS: see hub/followup/channels.py",
        )  # fmt: skip
    counts = send_due()
    out.print(
        f"{counts['sent']:,} sent, {counts['later']:,} to be tried again, {counts['never']:,} given up, "
        f"{counts['cancelled']:,} called off."
    )
    chosen = settings()
    if outbox.is_quiet(now(), chosen.quiet_from, chosen.quiet_until):
        out.print(f"It is quiet in China until {chosen.quiet_until:%H:%M}: nothing goes before.")


@messages.command("opt-out")
def outbox_opt_out(
    finding: Finding,
    by: By,
    position: Position,
    back: Annotated[bool, typer.Option("--back", help="They want messages again.")] = False,
) -> None:
    """Note that whom a finding is about wants no messages: letters and visits only."""
    acts = acting(by, position)
    with parts.writer().begin() as connection:
        found = connection.execute(_FINDINGS, {"finding": finding}).one_or_none()
        if found is None:
            raise FollowupError("FOLLOWUP_FINDING", "There is no such finding", str(finding), "")
        outbox.opt(
            connection, found.subject_key, out=not back, keyring=parts.bound_keyring(),
            person=found.subject == "person", **acts,
        )  # fmt: skip
    out.print("Noted: messages again." if back else "Noted: no messages, letters and visits only.")


@reminders.callback()
def remind_show(context: typer.Context) -> None:
    """Who is due how often this year: counts only."""
    if context.invoked_subcommand is not None:
        return
    with parts.reader().connect() as connection:
        least, rows = remind.standing(connection, region=settings().region, today=parts.today())
    title = f"Reminders in {parts.today():%Y}, at least {least} each"
    table(title, ["reminders made", "persons", "due now", "reached", "short"], [list(astuple(row)) for row in rows])
    if any(row.due for row in rows):
        out.print("Make those that are due: hub remind make")


@reminders.command("make")
def remind_make(
    by: By, position: Position, most: Annotated[int, typer.Option(help="At most so many.", min=1)] = 10_000
) -> None:
    """Make the reminders that are due: messages into the outbox, visits on to the towns' worklists."""
    with parts.changing() as change:
        made = remind.remind(change, office=letter.office_of(settings()), officer=Officer(by, position), most=most)
    out.print(f"{made.messages:,} messages wait in the outbox; {sum(made.visits.values()):,} visits are the towns'.")
    for reason, count in made.visits.items():
        out.print(f"  {count:,} × {reason}", markup=False)
    if made.visits:
        out.print("What is reported on its item makes a visit: hub worklist report. Those to make: hub remind visits")


@reminders.command("visits")
def remind_visits() -> None:
    """The visits that towns have still to make this year, by area and reason; how many are on the area's worklist."""
    with parts.reader().connect() as connection:
        found = remind.visits(connection, parts.today().year)
    table("Visits to make", ["area", "because", "persons", "on the worklist", "since"], [list(one) for one in found])
    if any(one.listed < one.visits for one in found):
        out.print(f"The others wait: no area is known, the item was taken back, or {DAYS} has no value here.")


def ways_out() -> dict[str, outbox.Channel]:
    """The channels that this deployment declares."""
    declared = read_channels(settings().channels)
    given: dict[str, outbox.Channel] = {}
    if declared.mail is not None:
        given["mail"] = MailChannel(declared.mail)
    if declared.gateway is not None:
        given["gateway"] = GatewayChannel(declared.gateway)
    return given


def send_due() -> dict[str, int]:
    """Send what is due with the parts of this process; what cannot be sent and was to remind is the towns' to do."""
    chosen = settings()
    counts = outbox.send(
        parts.writer(), ways_out(), quiet=(chosen.quiet_from, chosen.quiet_until), keyring=parts.bound_keyring(),
        signer=parts.signer(), clock=now,
    )  # fmt: skip
    with parts.changing() as change:
        remind.hand_out(change)
    return counts


def unsent() -> bool:
    """Whether messages are due that a channel could take now."""
    chosen, at = settings(), now()
    if chosen.channels is None or outbox.is_quiet(at, chosen.quiet_from, chosen.quiet_until):
        return False
    with parts.writer().connect() as connection:
        return outbox.is_due(connection, list(ways_out()), at)
