"""What is sent about findings: notices, the outbox, reminders; and the list of seriously untrustworthy employers."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import sqlalchemy as sa
import typer

from hub import checks
from hub.errors import CheckError, FollowupError
from hub.followup import delivery, discipline, letter, outbox, remind
from hub.followup import notice as notices
from hub.followup.channels import read_channels
from hub.followup.gateway import GatewayChannel
from hub.followup.mail import MailChannel
from hub.followup.notice import Issued, Officer
from hub.followup.worklist import DAYS
from hub.settings import settings

from . import parts
from .console import out, table

notice = typer.Typer(help="Notices (告知书、提醒函): write, print, serve, withdraw.", no_args_is_help=True)
messages = typer.Typer(help="The outbox: messages that wait, and who wants none.", no_args_is_help=True)
reminders = typer.Typer(help="Reminders to interrupted payers: who is due how often.", invoke_without_command=True)
listing = typer.Typer(help="Seriously untrustworthy employers: propose, sign, publish, lift.", no_args_is_help=True)

By = Annotated[str, typer.Option(help="The officer who acts, by name.")]
Position = Annotated[str, typer.Option(help="The officer's position (职务).")]
Number = Annotated[str, typer.Argument(help="The notice's number: 荣人社告知〔2026〕1号.")]
Finding = Annotated[UUID, typer.Argument(help="The finding, by its id.")]
Reason = Annotated[str, typer.Option(help="Why. Kept with the step, and in no log.")]

_FINDINGS: Final = sa.text("select subject_key, subject from finding where id = :finding")
_LISTED: Final = sa.text("""
    select d.finding_id, d.state, e.name, e.uscc, d.rule, d.proposed_by, d.signed_by, d.signed_on, d.published_at,
           d.lifted_because, f.state as finding
    from discipline d
    join finding f on f.subject_key = d.subject_key and f.id = d.finding_id
    left join employer e
        on e.employer_key = d.subject_key and e.known_until = timestamptz '9999-12-31 00:00:00+00'
    where d.state <> 'lifted' or :all
    order by array_position(array['proposed', 'signed', 'published', 'lifted'], d.state), e.uscc, d.id
""")
#: What follows for an entry in a state.
NEXT: Final[Mapping[str, str]] = {
    "proposed": "hub discipline sign",
    "signed": "hub discipline publish",
    "published": "",
    "lifted": "",
}


def now() -> datetime:
    """The instant that counts: now, on the day that HUB_TODAY says where it says one."""
    real, today = datetime.now(UTC), settings().today
    if today is None:
        return real
    in_china = real + outbox.CHINA
    return real + timedelta(days=(today - in_china.date()).days)


def acting(by: str, position: str) -> dict[str, Any]:
    """What every step needs that an officer takes."""
    return {"officer": Officer(by, position), "at": now(), "signer": parts.signer()}


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


@listing.command("list")
def discipline_list(all_: Annotated[bool, typer.Option("--all", help="Those lifted too.")] = False) -> None:
    """Who is on the way to the list, or on it, and what follows."""
    with parts.reader().connect() as connection:
        found = connection.execute(_LISTED, {"all": all_}).all()
    rows = [
        [str(one.finding_id), one.name, one.rule, one.state, one.proposed_by, one.signed_by, one.published_at, todo]
        for one in found
        for todo in [_next(one)]
    ]
    columns = ["finding", "employer", "rule", "state", "proposed by", "signed by", "published", "what follows"]
    table("Seriously untrustworthy employers", columns, rows)


@listing.command("propose")
def discipline_propose(finding: Finding, by: By, position: Position, reason: Reason) -> None:
    """Propose the employer of a finding. Refused, with every reason, unless notice, deadline and re-check hold."""
    with parts.writer().begin() as connection:
        discipline.propose(connection, finding, reason=reason, region=settings().region, **acting(by, position))
    out.print("Proposed. Another officer signs: hub discipline sign")


@listing.command("sign")
def discipline_sign(finding: Finding, by: By, position: Position, reason: Reason) -> None:
    """Sign for a proposal. Everything is asked anew."""
    with parts.writer().begin() as connection:
        discipline.sign(connection, finding, reason=reason, region=settings().region, **acting(by, position))
    out.print("Signed. It goes out with: hub discipline publish")


@listing.command("lift")
def discipline_lift(finding: Finding, by: By, position: Position, reason: Reason) -> None:
    """Take an employer off the list, or off the way to it. A finding that clears does so by itself."""
    with parts.writer().begin() as connection:
        discipline.lift(connection, finding, reason=reason, **acting(by, position))
    out.print("Lifted. The departments learn it from the next list: hub discipline publish")


@listing.command("publish")
def discipline_publish(
    by: By,
    position: Position,
    to: Annotated[
        Path | None, typer.Option(help="The folder of deliveries out. Unset: out/ in the data folder.")
    ] = None,
) -> None:
    """Write the whole list as a delivery out to the departments, signed; who was signed for is now published."""
    chosen = settings()
    published = delivery.publish(
        parts.writer(), to or chosen.data / "out", office=letter.office_of(chosen), region=chosen.region,
        key=parts.bound_keyring().delivery_signer, **acting(by, position),
    )  # fmt: skip
    out.print(f"{published.employers:,} employers, {published.new:,} of them new, in {published.folder}", markup=False)
    for finding, because in published.refused.items():
        out.print(f"  held back {finding}: {because}", markup=False)
    out.print("Who loads it needs the hub's public key: hub discipline key")


@listing.command("key")
def discipline_key() -> None:
    """The public key under which deliveries out are signed, as HUB_SIGNERS of another hub takes it."""
    from base64 import b64encode

    key = b64encode(parts.keyring().delivery_signer.public_key().public_bytes_raw()).decode()
    out.print(f'[[credit_center]]\nalgorithm = "ed25519"\nkey = "{key}"', markup=False)


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


def _next(one: Any) -> str:
    if one.finding == "unknown" and one.state != "lifted":
        return "its finding is unknown: see hub deliveries, then hub check"
    return NEXT[one.state] if one.state != "lifted" else str(one.lifted_because)
