"""Who may ask, under which grants, and the log of who asked."""

import sys
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NoReturn
from uuid import UUID

import orjson
import typer

from hub.audit.checkpoint import NoteInvalid, read_vkey
from hub.audit.event import Event, Kind, Outcome
from hub.audit.log import erase, record_sync
from hub.audit.recompute import Problem, verify_log
from hub.audit.sequencer import read_checkpoints, read_left_out, read_rows, read_waiting
from hub.audit.verify import Kept, read_kept, together, verify_receipt
from hub.errors import HubError, PolicyError
from hub.intake import connector_names
from hub.policy import describe_masks, read_grants
from hub.policy.client import (
    DELIVER,
    department_of,
    disable_client,
    list_clients,
    register_client,
    renew_secret,
    set_keys,
)
from hub.settings import settings
from hub.store import engine_for
from hub.terms.region import InvalidRegion, canonical_region

from . import parts
from .console import complain, out, table

clients = typer.Typer(help="Clients: the systems that may ask for tokens.", no_args_is_help=True)
grants = typer.Typer(help="Grants: what access_policies/ gives.", no_args_is_help=True)
log = typer.Typer(help="The access log: verify it, and the receipts from it.", no_args_is_help=True)


def known_grants() -> dict[str, Any]:
    return read_grants(settings().declarations / "access_policies")


@clients.command("add")
def client_add(
    client_id: Annotated[str, typer.Argument(help="Its OAuth client id.")],
    name: Annotated[str, typer.Option(help="The office that holds it.")],
    scope: Annotated[
        list[str],
        typer.Option(help="A grant it may use, or deliver:WHO/WHAT; repeat for several of one department."),
    ],
    attribute: Annotated[list[str] | None, typer.Option(help="What $client.<name> stands for: area=371082100.")] = None,
    jwks: Annotated[Path | None, typer.Option(help="Its public keys (JWKS file): it signs assertions then.")] = None,
) -> None:
    """Register a client. Its secret is printed once, and cannot be shown again."""
    known_scopes(scope)
    attributes = dict(_pair(one) for one in attribute or ())
    right_attributes(scope, attributes)
    with parts.writer().begin() as connection:
        secret = register_client(
            connection,
            client_id=client_id,
            name=name,
            department=department_of(scope[0]),
            attributes=attributes,
            scopes=scope,
        )
        if jwks is not None:
            set_keys(connection, client_id, orjson.loads(jwks.read_bytes()))
        noted(connection, client_id, "registered")
    typer.echo(f"Registered {client_id}." if jwks else f"Registered {client_id}. Its secret, shown once: {secret}")


def known_scopes(scopes: list[str]) -> None:
    """PolicyError where one is neither a grant nor a delivery that is declared."""
    grants, deliveries = known_grants(), connector_names(settings().declarations)
    for one in scopes:
        delivers = one.startswith(DELIVER)
        if one.removeprefix(DELIVER) not in (deliveries if delivers else grants):
            what, known = ("delivery", deliveries) if delivers else ("grant", list(grants))
            told = f"known: {', '.join(sorted(known))}"
            raise PolicyError("POLICY_SCOPE", f"there is no {what} '{one.removeprefix(DELIVER)}'", told)


def right_attributes(scopes: list[str], attributes: dict[str, str]) -> None:
    """PolicyError where a grant lacks one, none asks for it, or it is none: who asked would see an empty list."""
    grants = known_grants()
    asked = {name: one for one in scopes if one in grants for name in sorted(grants[one].attributes)}
    for name in sorted(asked.keys() - attributes.keys()):
        _wrong(f"the grant '{asked[name]}' needs the client's {name}", f"add --attribute {name}=…")
    deliver = sorted({name.partition("/")[0] for name in connector_names(settings().declarations)})
    for name, value in attributes.items():
        if name not in asked:
            _wrong(
                f"none of these grants asks for an attribute '{name}'",
                f"they ask for: {', '.join(sorted(asked)) or 'nothing'}",
            )
        if name in {"area", "region"}:
            try:
                canonical_region(value)
            except InvalidRegion as refused:
                _wrong(f"{name}={value}: {refused}")
        if name == "office" and value not in deliver:
            near = get_close_matches(value, deliver, n=1)
            _wrong(
                f"no office '{value}' delivers anything",
                f"did you mean '{near[0]}'?" if near else f"known: {', '.join(deliver)}",
            )


def _wrong(message: str, hint: str = "") -> NoReturn:
    raise PolicyError("POLICY_CLIENT_ATTRIBUTE", message, hint=hint) from None


@clients.command("renew")
def client_renew(client_id: str) -> None:
    """Give a client a new secret; the old one no longer serves."""
    with parts.writer().begin() as connection:
        secret = renew_secret(connection, client_id)
        noted(connection, client_id, "secret renewed")
    typer.echo(f"The new secret of {client_id}, shown once: {secret}")


@clients.command("disable")
def client_disable(client_id: str) -> None:
    """Shut a client out, its tokens too, within seconds."""
    with parts.writer().begin() as connection:
        disable_client(connection, client_id)
        noted(connection, client_id, "disabled")
    out.print(f"{client_id} is shut out.")


@clients.command("list")
def client_list() -> None:
    """The clients that are enabled."""
    with parts.writer().connect() as connection:
        rows = [[one.id, one.name, ", ".join(one.scopes), dict(one.attributes)] for one in list_clients(connection)]
    table("Clients", ["client", "office", "scopes", "attributes"], rows)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter("an attribute is written name=value")
    return name, value


def noted(connection: Any, client_id: str, what: str) -> None:
    """Record, in the caller's transaction, that a client was changed."""
    event = Event(kind=Kind.client_changed, outcome=Outcome.allowed, client=client_id, details={"what": what})
    parts.bound_keyring()
    record_sync(connection, event, parts.signer())


@grants.command("list")
def grant_list() -> None:
    """Every grant: who receives, why, until when."""
    rows = [[name, one.title, one.purpose, one.expires] for name, one in sorted(known_grants().items())]
    table("Grants", ["grant", "title", "purpose", "until"], rows)


@grants.command("show")
def grant_show(name: str) -> None:
    """One grant: legal basis, quota, fields with masks, rows."""
    one = known_grants().get(name)
    if one is None:
        raise PolicyError("POLICY_SCOPE", f"there is no grant '{name}'", hint="hub grant list")
    facts: list[list[Any]] = [
        [key, getattr(one, key)] for key in ("title", "purpose", "basis", "approved_by", "expires")
    ]
    facts.append(["quota", f"{one.quota.persons} persons a {one.quota.per}" if one.quota else "none"])
    facts.append(["roots", ", ".join(sorted(one.roots))])
    if one.mutations:
        facts.append(["mutations", ", ".join(sorted(one.mutations))])
    for noun, fields in one.fields.items():
        shown = ", ".join(f"{field} ({given.mask})" if given.mask else field for field, given in fields.items())
        facts.append([noun, shown])
    for noun, conditions in one.rows.items():
        said = "; ".join(str(condition.model_dump(exclude_none=True)) for condition in conditions)
        facts.append([f"rows of {noun}", said])
    table(name, ["", ""], facts)


@grants.command("masks")
def grant_masks() -> None:
    """The masks a grant may name."""
    table("Masks", ["mask", "a value is shown as", "suits"], describe_masks())


@log.command("key")
def audit_key() -> None:
    """The log's public key: give it to whoever is to verify receipts."""
    typer.echo(parts.signer().vkey)


@log.command("checkpoint")
def audit_checkpoint() -> None:
    """Print the latest signed checkpoint: keep it where the database's operators are not."""
    with parts.writer().connect() as connection:
        checkpoints = read_checkpoints(connection)
    if not checkpoints:
        raise HubError("EXECUTE_LOG", "No checkpoint was published yet", hint="hub serve publishes one every second.")
    typer.echo(checkpoints[-1].note, nl=False)


@log.command("verify")
def audit_verify(
    also: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint, receipt or proof kept elsewhere, held against the log; may be repeated."),
    ] = None,
) -> None:
    """Recompute the whole log and hold it against every checkpoint that was published, and what was kept elsewhere.

    It finds what was changed or taken out. An event that an operator added is signed like any other, and before an
    event has its place (about a second) only the holder of its receipt knows of it.
    """
    kept = together(_kept(file) for file in also or ())
    unseal, vkey = parts.bound_keyring().open, parts.signer().vkey
    snapshot = parts.writer().connect().execution_options(isolation_level="REPEATABLE READ")
    with snapshot as connection:
        report = verify_log(
            read_rows(connection, unseal),
            read_checkpoints(connection),
            vkey,
            waiting=list(read_waiting(connection, unseal)),
            kept=kept,
            now=datetime.now(UTC),
        )
        left_out = read_left_out(connection)
    problems = list(report.problems)
    if left_out:
        says = f"{len(left_out)} recorded events have no place in the tree: rows of the log are gone or were added"
        problems.append(Problem(None, says))
    for problem in problems[:20]:
        complain(problem.says if problem.index is None else f"leaf {problem.index}: {problem.says}")
    if problems:
        if len(problems) > 20:
            complain(f"and {len(problems) - 20} more")
        sys.exit(1)
    out.print(
        f"The log holds: {report.size:,} events, {report.checkpoints:,} checkpoints, "
        f"{report.erased:,} with their personal part erased, {report.waiting:,} waiting for their place."
    )


def _kept(file: Path) -> Kept:
    """What a file kept elsewhere holds the log to."""
    try:
        text = file.read_text(encoding="utf-8")
        return read_kept(_proof_in(file) if text.lstrip().startswith("{") else text, read_vkey(parts.signer().vkey))
    except (OSError, UnicodeDecodeError) as error:
        raise HubError("REQUEST_FILE", f"{file} cannot be read", type(error).__name__) from None
    except NoteInvalid as error:
        raise HubError("REQUEST_FILE", f"{file} is no checkpoint, receipt or proof of this log", str(error)) from None


@log.command("erase")
def audit_erase(events: Annotated[list[UUID], typer.Argument(help="The numbers of the events.")]) -> None:
    """Erase the personal parts of events, as the owner. Their leaves and proofs stand; the log says what was erased."""
    parts.bound_keyring()
    with engine_for("owner").begin() as connection:
        gone = erase(connection, events, parts.signer())
    out.print(f"Erased the personal part of {len(gone)} events.")
    if missing := set(events) - set(gone):
        complain(f"{len(missing)} have none: unknown, erased before, or recorded without")
        sys.exit(1)


@log.command("verify-receipt")
def audit_verify_receipt(
    file: Annotated[Path, typer.Argument(help="A receipt, a proof, or a whole answer, as JSON.")],
    key: Annotated[str | None, typer.Option(help="The log's public key (hub audit key). Unset: this hub's.")] = None,
) -> None:
    """Check a receipt or proof offline: needs neither the hub nor its database, only the log's public key."""
    vkey = key or parts.signer().vkey
    try:
        read_vkey(vkey)
    except NoteInvalid as error:
        raise HubError(
            "REQUEST_KEY", "--key is not a public key of a log", str(error), "It is the line that hub audit key prints."
        ) from None
    verdict = verify_receipt(_proof_in(file), vkey)
    for sentence in verdict.says:
        if verdict.ok:
            out.print(sentence)
        else:
            complain(sentence)
    if not verdict.ok:
        sys.exit(1)


def _proof_in(file: Path) -> Any:
    """The receipt or proof in a file: alone, in an answer's extensions, or as ``receiptProof`` gave it."""
    try:
        content = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise HubError("REQUEST_FILE", f"{file} cannot be read as JSON", type(error).__name__) from None
    if not isinstance(content, dict):
        raise HubError("REQUEST_FILE", f"{file} holds no receipt and no proof")
    data = content.get("data")
    if isinstance(data, dict) and "receiptProof" in data:
        if data["receiptProof"] is None:
            raise HubError(
                "REQUEST_FILE",
                f"{file} holds no proof yet",
                "the event was not in the tree when it was asked for, or is not this client's",
                "Ask for receiptProof again in a few seconds.",
            )
        return data["receiptProof"]["proof"]
    extensions = content.get("extensions")
    if isinstance(extensions, dict) and "receipt" in extensions:
        return extensions["receipt"]
    return content
