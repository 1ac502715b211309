"""`hub sources check` and `hub fetch` as an operator types them."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from channel_factory import POPULATION, FrontTable, toml
from intake_factory import Desk
from postgres import libpq
from typer.testing import CliRunner, Result

from hub.cli import app, parts
from hub.cli import sources as commands
from hub.errors import DeclarationError
from hub.settings import Settings

Run = Callable[..., Result]


@pytest.fixture
def front(server: str) -> Iterator[FrontTable]:
    table = FrontTable(libpq(server), f"front_{uuid4().hex[:8]}")
    table.put(1, "2026-10-01 12:00:00")
    yield table
    table.run(f"drop table {table.name}")
    table.engine.dispose()


@pytest.fixture
def run(desk: Desk, front: FrontTable, monkeypatch: pytest.MonkeyPatch) -> Run:
    file = desk.folder / "sources.toml"
    lines = [f'["{POPULATION}"]', *(f'"{key}" = {toml(value)}' for key, value in front.content().items())]
    broken = front.content(url="postgresql://somebody:geheim@127.0.0.1:1/front")
    lines += ['["tax/payroll"]', *(f'"{key}" = {toml(value)}' for key, value in broken.items())]
    file.write_text("\n".join(lines))
    file.chmod(0o600)
    chosen = Settings(sources=file, data=desk.folder, declarations=desk.declarations)
    monkeypatch.setattr(commands, "settings", lambda: chosen)
    monkeypatch.setattr(parts, "writer", lambda: desk.database.engine("writer"))
    monkeypatch.setattr(parts, "bound_keyring", lambda: desk.keyring)
    return lambda *words: CliRunner().invoke(app, list(words), catch_exceptions=True)


def test_sources_are_tried_one_by_one_and_credentials_are_not_shown(run: Run, front: FrontTable) -> None:
    good = run("sources", "check", POPULATION)
    assert good.exit_code == 0, good.output
    assert "good" in good.output
    both = run("sources", "check")
    assert both.exit_code == 1
    assert "1 of 2 sources cannot be fetched from." in both.output
    assert "geheim" not in both.output
    assert "somebody" not in both.output
    assert front.states() == [(1, None)]


def test_fetch_prints_the_report_of_what_it_loaded(run: Run, front: FrontTable) -> None:
    fetched = run("fetch", POPULATION, "--period", "2026-10")
    assert fetched.exit_code == 0, fetched.output
    assert "1 facts new, 0 changed, 0 ended." in fetched.output
    assert front.states() == [(1, "1")]
    assert "0 facts new" in run("fetch", POPULATION, "--period", "2026-10").output


def test_a_delivery_without_a_source_is_told(run: Run) -> None:
    refused = run("fetch", "civil_affairs/low_income")
    assert isinstance(refused.exception, DeclarationError)
    assert "no source for 'civil_affairs/low_income'" in str(refused.exception)
