"""The shape: imports go down only, declarations are complete, and what is written down is true."""

import ast
import re
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from hub.policy import read_grants, undeclared
from hub.policy.explain import failing_examples
from hub.query import Limits
from hub.query.bind import grantable, nouns_of
from hub.query.plan import ask, read, variables_of
from schema import schema

ROOT = Path(__file__).parents[1]
ENGINE = sorted((ROOT / "hub").rglob("*.py"))
GRANTS = read_grants(ROOT / "access_policies")
NOUNS = nouns_of(schema)


def test_imports_go_down_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(no_cache=True) == 0


def test_the_printed_schema_is_current() -> None:
    assert (ROOT / "schema" / "schema.graphql").read_text("utf-8") == schema.as_str() + "\n", "run: hub schema print"


@pytest.mark.parametrize("noun", sorted(NOUNS))
def test_every_type_and_field_of_the_api_says_what_it_is(noun: str) -> None:
    graphql_type = schema._schema.type_map[noun]
    assert graphql_type.description
    assert all(field.description for field in graphql_type.fields.values())  # type: ignore[union-attr]


@pytest.mark.parametrize("name", sorted(GRANTS))
def test_a_grant_names_only_what_the_api_has_and_its_examples_hold(name: str) -> None:
    assert undeclared(GRANTS[name], grantable(NOUNS)) == []
    assert failing_examples(GRANTS[name]) == []


@pytest.mark.parametrize("name", sorted(GRANTS))
def test_what_an_example_says_it_asks_is_what_its_query_asks(name: str) -> None:
    from hub.policy import asked_for

    for example in GRANTS[name].examples:
        document = read(example.query, None, schema._schema, Limits(20, 500, 100_000, 1000))
        asked = ask(document, variables_of(document, {}), NOUNS).asked
        if example.asks:
            assert asked == asked_for(example.asks), example.why


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    if path.stat().st_size:
        assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


DEPARTMENTS = {folder.name for folder in (ROOT / "connectors").iterdir() if folder.is_dir()}


@pytest.mark.parametrize(
    "path",
    [path for path in ENGINE if not {"demo", "cli"} & set(path.relative_to(ROOT / "hub").parts)],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_the_engine_names_no_delivery_and_no_grant(path: Path) -> None:
    """Not in code: a docstring may show one as an example."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            assert not re.search(rf"\b({'|'.join(DEPARTMENTS)})/[a-z]", node.value), node.value


def test_no_file_names_a_package_host_or_a_path_of_a_machine() -> None:
    files = [path for path in ROOT.iterdir() if path.is_file() and path.suffix in {".toml", ".lock", ".md", ".ini", ""}]
    for path in files:
        text = path.read_text("utf-8")
        assert not re.search(r"index-url|find-links|https?://[^ ]*/simple", text), path
        assert "/root/" not in text, path


def test_the_lock_file_pins_everything_by_hash() -> None:
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(pinned) > 40
    assert all("==" in one and "--hash=sha256:" in one for one in pinned)
