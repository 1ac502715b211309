"""The parts of a hub, as a command needs them."""

import getpass
import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import typer
from sqlalchemy import Engine

from hub import intake
from hub.audit.checkpoint import Signer
from hub.checks.parameter import applied, city_parameters
from hub.errors import DeclarationError, HubError
from hub.http.backend import Attached
from hub.policy import Change, Grant, read_grants, undeclared
from hub.query import Answers, Limits, Writing
from hub.query.bind import grantable, nouns_of
from hub.sealing import Keyring, fingerprint, new_keyring, read_keyring, write_keyring
from hub.settings import settings
from hub.store import database_exists, engine_for, identity
from hub.terms import InvalidTerm, instant_in_china, month, today_in_china
from hub.terms.due import Due


@cache
def keyring() -> Keyring:
    return read_keyring(settings().keys_path)


def make_keyring() -> None:
    """A new key file. HubError where the database, if there is one, was filled under another."""
    chosen = settings()
    if database_exists():
        with writer().connect() as connection:
            bound = identity.bound_to(connection)
        if bound is not None:
            raise HubError(
                "EXECUTE_KEYS",
                f"The database was filled under the key file {bound}, which is not at {chosen.keys_path}",
                "with new keys every person would be another, and nothing sealed would open",
                "Put your copy of the key file back. A new one is only for a new, empty database.",
            )
    write_keyring(new_keyring(chosen.suite), chosen.keys_path)


@cache
def bound_keyring() -> Keyring:
    """The keys, and the database bound to them. HubError where it was filled under others."""
    with writer().begin() as connection:
        identity.claim(connection, fingerprint(keyring()))
    return keyring()


def signer() -> Signer:
    return Signer(settings().log_origin, keyring().log_signer)


@cache
def writer() -> Engine:
    return engine_for("writer")


@cache
def reader() -> Engine:
    return engine_for("reader")


def today() -> date:
    return settings().today or today_in_china()


def fresh_days() -> dict[str, int]:
    """Cadence → how many days after its period a delivery still stands."""
    given = applied(city_parameters()["delivery_fresh_days"], settings().region, today())
    return dict(given.value) if given else {}


def dues() -> dict[str, Due]:
    """Delivery → when it is due, where its connector says so."""
    root = settings().declarations
    read = {name: intake.read_connector(root, name).due for name in intake.connector_names(root)}
    return {name: due for name, due in read.items() if due is not None}


@contextmanager
def changing() -> Iterator[Change]:
    """A change that the officer at this command line makes: committed at the end, or not at all."""
    keys = bound_keyring()
    with writer().begin() as connection:
        yield Change(
            connection=connection,
            signer=signer(),
            keyring=keys,
            at=datetime.now(UTC),
            today=today(),
            region=settings().region,
            by=getpass.getuser(),
        )


def api_schema() -> Any:
    """The API's schema, loaded by name: the engine imports no declaration."""
    return importlib.import_module("schema").schema


def answers(attached: Attached) -> Answers:
    """The query layer of a serving process."""
    chosen = attached.settings
    intake.declare(attached.engine, chosen.declarations)  # what is declared and never came must be missed
    return Answers(
        schema=api_schema(),
        grants=attached.grants,
        keyring=attached.keyring,
        pool=attached.reader,
        log=attached.log,
        client_of=attached.clients.get,
        fresh_days=fresh_days(),
        dues=dues(),
        limits=Limits(chosen.query_depth, chosen.query_fields, chosen.query_cost, chosen.page_size),
        today=today,
        writing=Writing(
            attached.engine,
            Signer(chosen.log_origin, attached.keyring.log_signer),
            attached.keyring,
            chosen.region,
        ),
    )


def application() -> Any:
    """The ASGI application, composed: what uvicorn loads by name."""
    from hub.http.app import create_app
    from hub.query import admit_quotas

    return create_app(answers, grants=grants(), admit=admit_quotas)


def grants() -> dict[str, Grant]:
    """The grants, held to the schema. DeclarationError where one names what the API does not have."""
    given = read_grants(settings().declarations / "access_policies")
    known = grantable(nouns_of(api_schema()))
    problems = [problem for one in given.values() for problem in undeclared(one, known)]
    if problems:
        raise DeclarationError("DECLARATION_INVALID", "A grant names what the API does not have", "; ".join(problems))
    return given


def an_instant(text: str) -> datetime:
    """A command's --as-known-on."""
    try:
        return instant_in_china(text)
    except InvalidTerm as error:
        raise typer.BadParameter(str(error)) from None


def a_month(text: str) -> date:
    """A command's --period."""
    try:
        return month(text)
    except InvalidTerm as error:
        raise typer.BadParameter(f"a month is written 2026-10 ({error.reason})") from None
