"""What the README says is so: its commands are there, its settings exist, its files stand where it says."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from hub.cli import app
from hub.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [
    *ROOT.glob("README*.md"),
    ROOT / "hub" / "README.md",
    ROOT / "hub" / "checks" / "README.md",
    ROOT / "hub" / "followup" / "README.md",
    ROOT / "hub" / "indicators" / "README.md",
    ROOT / "connectors" / "README.md",
    ROOT / "access_policies" / "README.md",
    ROOT / "schema" / "README.md",
]
EVERY = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def commands() -> dict[str, set[str]]:
    """Each command of the line as words, with its options."""
    found: dict[str, set[str]] = {}

    def walk(command: object, words: list[str]) -> None:
        inner = getattr(command, "commands", None)
        if inner:
            for name, one in inner.items():
                walk(one, [*words, name])
        if not inner or getattr(command, "invoke_without_command", False):
            found[" ".join(words)] = {
                option
                for parameter in command.params
                for option in (*parameter.opts, *parameter.secondary_opts)  # type: ignore[attr-defined]
            }

    walk(get_command(app), [])
    return found


@EVERY
def test_every_command_it_names_is_there_with_its_options(page: Path) -> None:
    known = commands()
    text = page.read_text("utf-8")
    for line in re.findall(r"(?:`|^ {4}|hub/bin/|bin/)hub ([a-z][^`\n]*)", text, re.MULTILINE):
        words = line.split()
        name = next((name for name in (" ".join(words[:2]), words[0]) if name in known), None)
        assert name, f"hub {line}"
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", re.split(r"  +", line)[0]):
            assert option in known[name], f"hub {line}: {option}"


@EVERY
def test_every_setting_it_names_exists(page: Path) -> None:
    known = {f"HUB_{name.upper()}" for name in Settings.model_fields} | {
        "HUB_TEST_CITY", "HUB_TEST_DATABASE_URL", "HUB_TEST_MARIADB_URL", "HUB_TEST_REQUIRE_SERVERS",
    }  # fmt: skip
    assert {name.rstrip("_") for name in re.findall(r"HUB_[A-Z_]+[A-Z]", page.read_text("utf-8"))} <= known


@EVERY
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8")):
        assert target.startswith("http") or (page.parent / target).exists(), target


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_two_commands_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"^demo: ", makefile, re.MULTILINE)
    assert re.search(r"^test: ", makefile, re.MULTILINE)
    assert "make test" in (ROOT / ".ci" / "run").read_text("utf-8")
