"""Reading grants: the form refuses what the hub could not hold a grant to, and says what was meant."""

from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hub.cli import access
from hub.errors import DeclarationError
from hub.policy import Grant, parse_grant, read_grants, undeclared
from hub.policy.explain import failing_examples

FOLDER = Path(__file__).parents[2] / "access_policies"
GRANTS = read_grants(FOLDER)

SOURCE = """
title = "t"
purpose = "p"
basis = "b"
approved_by = "a"
expires = 2027-12-31
roots = ["person"]
[fields.Person]
name = { mask = "surname" }
sex = {}
[[rows.Person]]
column = "region"
under = ["371082"]
"""


def refusal(source: str) -> str:
    with pytest.raises(DeclarationError) as caught:
        parse_grant("town/list", source)
    return str(caught.value)


@pytest.mark.parametrize("grant", GRANTS.values(), ids=GRANTS)
def test_a_grant_does_what_its_examples_say(grant: Grant) -> None:
    assert failing_examples(grant) == []
    assert all(example.asks for example in grant.examples)


@pytest.mark.parametrize("grant", GRANTS.values(), ids=GRANTS)
def test_a_grant_gives_no_clear_resident_id_of_a_person(grant: Grant) -> None:
    assert not grant.gives("Person", "residentId") or grant.mask("Person", "residentId") == "last4"


@pytest.mark.parametrize("grant", GRANTS.values(), ids=GRANTS)
def test_every_type_with_fields_has_rows(grant: Grant) -> None:
    assert set(grant.fields) <= set(grant.rows)


def test_grants_are_named_by_their_paths() -> None:
    files = FOLDER.glob("*/*.toml")
    assert sorted(GRANTS) == sorted(f"{file.parent.name}/{file.stem}" for file in files)
    assert {"civil_affairs/low_income_verification", "town/visit_list"} <= set(GRANTS)


def test_the_version_of_a_grant_is_the_digest_of_its_file() -> None:
    for name, grant in GRANTS.items():
        assert grant.digest == sha256((FOLDER / f"{name}.toml").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("basis", "bases", "unknown key 'bases' (did you mean 'basis'?)"),
        (
            '{ mask = "surname" }',
            '{ msak = "surname" }',
            "unknown key 'fields.Person.name.msak' (did you mean 'mask'?)",
        ),
        ('"surname"', '"surnmae"', "no mask is called 'surnmae' (did you mean 'surname'?)"),
        ("column", "colum", "unknown key 'rows.Person.0.colum' (did you mean 'column'?)"),
        ('["371082"]', '["37108"]', "'37108' is not a region code"),
        ('under = ["371082"]', 'equals = "$area"', "'$area' is not of the form $client.<attribute>"),
        ('under = ["371082"]', 'equals = "$client.area" \nin = ["x"]', "exactly one of"),
        ('under = ["371082"]', "in = []", "rows.Person.0.in"),
        ('under = ["371082"]', "in = [1, '2']", "of one kind"),
        ('under = ["371082"]', 'since = "last year"', "'last year' is neither a day"),
        ('under = ["371082"]', "everyone = true", "'everyone' is not about a column"),
        ('column = "region"', "", "'under' needs a column"),
        ('column = "region"', 'column = "region) or (true"', "rows.Person.0.column"),
        ("expires = 2027-12-31", "", "'expires' is missing"),
        ("expires = 2027-12-31", "starts = 2028-01-01\nexpires = 2027-12-31", "it expires before it starts"),
        ('title = "t"', 'title = "t"\nname = "town/other"', "unknown key 'name'"),
        ('title = "t"', 'title = "t"\nquota = { persons = 0, per = "day" }', "quota.persons"),
        ('title = "t"', 'title = "t"\nquota = { persons = 9, per = "week" }', "quota.per"),
        ('title = "t"', "title = ", "not valid TOML"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(was: str, becomes: str, says: str) -> None:
    assert says in refusal(SOURCE.replace(was, becomes, 1))
    assert "access_policies/town/list.toml" in refusal(SOURCE.replace(was, becomes, 1))


def test_everyone_stands_alone() -> None:
    assert "'everyone' stands alone" in refusal(SOURCE + "[[rows.Person]]\neveryone = true\n")


def test_something_must_be_reached_from() -> None:
    conditions = 'column = "region"\nunder = ["371082"]'
    assert "only reached from another" in refusal(SOURCE.replace(conditions, "reached = true"))


def test_an_example_has_one_outcome() -> None:
    example = '[[example]]\nwhy = "w"\nquery = "{a}"\n'
    assert "an example is either refused or answers" in refusal(SOURCE + example)
    assert "example" in refusal(SOURCE + example + 'refused = "x"\nasks = ["Person name"]')


@pytest.mark.parametrize("name", ["List", "town", "town/a b", "town/a/b", 'town/"', "../x/y"])
def test_the_path_of_a_grant_is_a_scope_token(name: str) -> None:
    with pytest.raises(DeclarationError):
        parse_grant(name, SOURCE)


def test_a_grant_outside_its_place_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "stray.toml").write_text(SOURCE)
    with pytest.raises(DeclarationError, match="who receives"):
        read_grants(tmp_path)


def test_no_folder_is_not_the_same_as_no_grants(tmp_path: Path) -> None:
    assert read_grants(tmp_path) == {}
    with pytest.raises(DeclarationError, match="HUB_DECLARATIONS"):
        read_grants(tmp_path / "nowhere")


def test_what_the_api_does_not_have_is_named_with_what_is_near() -> None:
    grant = parse_grant("town/list", SOURCE)
    assert undeclared(grant, {"Query": {"person"}, "Person": {"name", "sex"}}) == []
    assert undeclared(grant, {"Query": {"persons"}, "Person": {"names", "sex"}}) == [
        "roots: no root is called 'person' (did you mean 'persons'?)",
        "fields.Person: no field is called 'name' (did you mean 'names'?)",
    ]
    assert undeclared(grant, {"Query": {"person"}, "Persons": set()}) == [
        "fields.Person: no type is called 'Person' (did you mean 'Persons'?)",
        "rows.Person: no type is called 'Person' (did you mean 'Persons'?)",
    ]


MUTATING = SOURCE.replace("roots = [", 'mutations = ["report"]\nroots = [')


def test_a_mutation_is_one_of_the_api_and_the_grant_has_rows_of_what_it_changes() -> None:
    grant = parse_grant("town/list", MUTATING)
    known = {"Query": {"person": None}, "Person": {"name": None, "sex": None}}
    assert undeclared(grant, {**known, "Mutation": {"report": "Person"}}) == []
    assert undeclared(grant, {**known, "Mutation": {"reports": "Person"}}) == [
        "mutations: no mutation is called 'report' (did you mean 'reports'?)"
    ]
    assert undeclared(grant, {**known, "Mutation": {"report": "Item"}}) == [
        "mutations: report changes Item, of which the grant names no rows"
    ]


def test_a_mask_that_does_not_suit_the_field_is_named() -> None:
    grant = parse_grant("town/list", SOURCE)
    known = {"Query": {"person"}, "Person": {"name": "date", "sex": None}}
    assert undeclared(grant, known) == ["fields.Person.name: the mask 'surname' does not suit a field of kind date"]


def test_an_example_that_no_longer_holds_is_found() -> None:
    text = (FOLDER / "town/visit_list.toml").read_text()
    wider = text.replace('residentId = { mask = "last4" }', "residentId = {}").replace(
        '"findings", "exp', '"findings", "person", "exp'
    )
    problems = failing_examples(parse_grant("town/visit_list", wider))
    assert any("Person.residentId is shown as clear, not as last4" in one for one in problems)
    assert any("not looked up: it is answered" in one for one in problems)


def test_a_grant_without_both_kinds_of_example_is_found() -> None:
    assert failing_examples(parse_grant("town/list", SOURCE)) == [
        "town/list: no example that answers",
        "town/list: no example that is refused",
    ]


def test_a_grant_is_shown_with_what_it_lets_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER.parent)
    shown = {
        name: CliRunner().invoke(access.grants, ["show", name]).output for name in ("town/worklist", "town/visit_list")
    }
    assert "reportAction" in shown["town/worklist"]
    assert "mutations" not in shown["town/visit_list"]
