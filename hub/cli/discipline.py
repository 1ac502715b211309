"""The list of seriously untrustworthy employers: proposed, signed, published, lifted."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import sqlalchemy as sa
import typer

from hub.followup import delivery, discipline, letter
from hub.settings import settings

from . import parts
from .console import out, table
from .officer import By, Finding, Position, Reason, acting

listing = typer.Typer(help="Seriously untrustworthy employers: propose, sign, publish, lift.", no_args_is_help=True)

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


def _next(one: Any) -> str:
    if one.finding == "unknown" and one.state != "lifted":
        return "its finding is unknown: see hub deliveries, then hub check"
    return NEXT[one.state] if one.state != "lifted" else str(one.lifted_because)
