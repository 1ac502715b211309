"""The form of a rule: one SQL file whose leading comment is TOML.

In charge of reading ``rules/*.sql``, of which variables its SQL may name, and of putting their values in place.
Refuses unknown keys, unnamed and unused parameters, unknown tables and columns in examples. Touches no database.

A file that asks the same of several lists is read as a rule for each; only the reading knows of that.

The SQL is one SELECT over plain table names. It also runs in psql: variables are psql's (``:today``), the search path
(``facts_now, public`` or ``facts_then, public``) says which knowledge it reads. It gives one row a subject and matter:

    subject_key, verdict ('FOUND' or 'UNKNOWN'), unknown_because, matter, area, region,
    employer_key, person_key, project_code     what the finding says of itself
    a column named after a table of facts      evidence: a row of it, or an array of rows
    any other column                           a figure of the finding; nothing personal
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import ConfigDict, Field, create_model, field_validator, model_validator

from hub.checks.example import Example
from hub.declaration import Form, content_of, form_of, read_form
from hub.errors import CheckError, DeclarationError

FOLDER = Path(__file__).parent / "rules"

#: What every rule may name besides its parameters.
VARIABLES: Final = {
    "today": "the day judged for",
    "region": "the division this hub serves",
    "period": "the last month of which every needed delivery speaks, as its first day",
    "data_until": "the first day after the period, or today where that is earlier: until when the deliveries speak",
    "missing": "the consulted deliveries that are not to be had, separated by comma and blank; empty where all are",
}
#: What a rule's SQL may give that is neither a figure nor evidence.
COLUMNS: Final = (
    "subject_key",
    "verdict",
    "unknown_because",
    "matter",
    "area",
    "region",
    "employer_key",
    "person_key",
    "project_code",
)

_HEAD = re.compile(r"\s*/\*(.*?)\*/", re.DOTALL)
# Text, quoted names, comments and casts are passed over; what is left of ``:name`` is a variable, as in psql.
_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::|:([a-z_][a-z0-9_]*)", re.DOTALL)
# In a head, which is words, a colon before a letter names a variable also inside quotes.
_SPOKEN = re.compile(r"(?<![A-Za-z0-9_:]):([a-z][a-z0-9_]*)")


class Explanation(Form):
    """What the finding means and what to do, for those who get it."""

    zh: str
    en: str


class Months(Form):
    """Months that a delivery must have given, each of them: from ``first`` to ``last``, SQL over the variables."""

    delivery: str
    first: str
    last: str


class Question(Form):
    """What every SQL file says that is asked of the facts: what it rests on, and its SELECT."""

    name: str
    sql: str
    #: The file's name without its ending, its text, and its SHA-256.
    file: str
    text: str
    digest: str
    #: The variables that a list gives.
    given: dict[str, Any] = Field({})
    title: str = Field(pattern=r"\(.*[\u4e00-\u9fff].*\)$")
    basis: tuple[str, ...] = Field(min_length=1)
    needs: tuple[str, ...] = ()
    consults: tuple[str, ...] = ()
    months: tuple[Months, ...] = ()
    parameters: tuple[str, ...] = ()
    #: Variable → SELECT of one value, asked of everybody's facts first; another value has everybody judged again.
    everybody: dict[str, str] = Field({})
    #: Why a subject's verdict may rest on more than its own facts, its staff's and the registers: then all are judged.
    whole: str = Field("", pattern="^$|^.{12,}")
    #: The day for which a parameter is looked up, where it is not today: SQL over the variables and other parameters.
    at: dict[str, str] = Field({})
    explanation: Explanation

    @model_validator(mode="after")
    def _names_what_it_uses(self) -> Self:
        allowed = {*VARIABLES, *self.parameters, *self.everybody, *self.given}
        spoken = [self.sql, *self.at.values(), *self.everybody.values()]
        spoken += [sql for one in self.months for sql in (one.first, one.last)]
        used = set().union(*(variables(text) for text in spoken))
        if used - allowed:
            raise ValueError(f"variables that no parameter names: {', '.join(sorted(used - allowed))}")
        if set(self.parameters) - used:
            raise ValueError(f"parameters that the SQL does not use: {', '.join(sorted(set(self.parameters) - used))}")
        if unused := set(self.everybody) - variables(self.sql):
            raise ValueError(f"asked of everybody and not used: {', '.join(sorted(unused))}")
        if set(self.at) - set(self.parameters):
            raise ValueError(f"'at' names no parameter: {', '.join(sorted(set(self.at) - set(self.parameters)))}")
        if {one.delivery for one in self.months} - set(self.needs):
            raise ValueError("'months' names a delivery that is not needed")
        return self


class Rule(Question):
    """What must not be true: a rule file, or what it says of one of its lists."""

    #: Written as one, or as a list where one question answers several duties. Where a duty asks the same of several
    #: deliveries, each has a rule of its own, told apart by a letter: U16A, U16B.
    ids: tuple[Annotated[str, Field(pattern=r"^[A-Z]\d\d[A-Z]?$")], ...] = Field(alias="id", min_length=1)
    subject: Literal["employer", "person", "project"]
    severity: Literal["high", "medium", "low"]
    #: Deliveries: of an employer that no row of them names the rule does not speak.
    among: tuple[str, ...] = ()
    #: Who is to act: the area the subject lives or sits in, or the department whose delivery says so, named in matter.
    concerns: Literal["area", "source"] = "area"
    needs: tuple[str, ...] = Field(min_length=1)
    #: Of these a row that is not there makes the finding: where one about the subject was rejected, it is UNKNOWN.
    misses: tuple[str, ...] = ()
    example: tuple[Example, ...] = Field(min_length=1)

    @field_validator("ids", mode="before")
    @classmethod
    def _one_or_several(cls, said: Any) -> Any:
        return (said,) if isinstance(said, str) else said

    @property
    def id(self) -> str:
        """The ids in words."""
        return ", ".join(self.ids)

    @model_validator(mode="after")
    def _misses_what_it_needs(self) -> Self:
        if set(self.misses) - set(self.needs):
            raise ValueError("'misses' names a delivery that is not needed")
        return self

    @model_validator(mode="after")
    def _is_among_employers(self) -> Self:
        if self.among and (self.subject != "employer" or set(self.among) - {*self.needs, *self.consults}):
            raise ValueError("'among' is for rules about employers, and names deliveries that are needed or consulted")
        return self


class _Shared(Form):
    """What a file says of all its lists, as far as a list adds to it; the rest is the rule's form.

    Id and title are each list's alone.
    """

    model_config = ConfigDict(extra="allow")
    list: tuple[dict[str, Any], ...] = Field(min_length=1)
    parameters: tuple[str, ...] = ()
    basis: tuple[Any, ...] = ()
    among: tuple[Any, ...] = ()
    example: tuple[Any, ...] = ()


class _Listed(Form):
    """What a file says of one list alone, beside what the list gives for the variables that the file names."""

    name: str = Field(pattern="^[a-z][a-z0-9_]*$")
    id: Any
    title: Any
    basis: tuple[Any, ...] = ()
    among: tuple[Any, ...] = ()
    example: tuple[Any, ...] = ()


Q = TypeVar("Q", bound=Question)


def read_question(model: type[Q], source: str, file: Path | str) -> Q:
    """The question of one file's text, as a ``model``; its name is the file's."""
    head, rest = _parted(source, file)
    return read_form(model, head, file, **rest)


def read_rule_file(source: str, file: Path | str) -> tuple[Rule, ...]:
    """The rules of one file's text: one by the file's name, or one for each of its lists."""
    head, rest = _parted(source, file)
    content = content_of(head, file)
    if "list" not in content:
        return (form_of(Rule, content, file, **rest),)
    shared, asked = form_of(_Shared, content, file), variables(rest["sql"])
    named = {*asked, *_SPOKEN.findall(head)} - {*VARIABLES, *shared.parameters, *content.get("everybody", ())}
    if own := {"id", "title"} & content.keys():
        raise DeclarationError(
            "DECLARATION_INVALID",
            f"{file} is not right. Of a file with lists each has its own {', '.join(sorted(own))}",
        )
    form = create_model("_Named", __base__=_Listed, **dict.fromkeys(named, (Any, ...)))  # type: ignore[call-overload]
    rules = []
    for number, entry in enumerate(content.pop("list"), start=1):
        where = f"{file}, list {entry.get('name', number)},"
        said = form_of(form, entry, where).model_dump()
        both = {name: [*getattr(shared, name), *said[name]] for name in ("basis", "among", "example")}
        all_said = content | both | {"id": said["id"], "title": said["title"]}
        known = rest | {"name": said["name"], "given": {name: said[name] for name in named & asked}}
        rules.append(form_of(Rule, _spoken(all_said, said), where, **known))
    return tuple(rules)


def read_rule(source: str, file: Path | str) -> Rule:
    """The rule of one file's text that has no lists."""
    (rule,) = read_rule_file(source, file)
    return rule


def read_rules(folder: Path = FOLDER) -> tuple[Rule, ...]:
    """Every rule, by its first id."""
    rules = [rule for file in sorted(folder.glob("*.sql")) for rule in read_rule_file(file.read_text("utf-8"), file)]
    told = [(one, rule.file) for rule in rules for one in (rule.name, *rule.ids)]
    times = Counter(one for one, _ in told)
    if twice := [f"{one} in {file}.sql" for one, file in told if times[one] > 1]:
        raise DeclarationError("DECLARATION_INVALID", "two rules have the same id or name", ", ".join(twice))
    return tuple(sorted(rules, key=lambda rule: rule.ids))


def _parted(source: str, file: Path | str) -> tuple[str, dict[str, Any]]:
    """A file's head, and what the file says beside it."""
    head = _HEAD.match(source)
    if not head:
        raise DeclarationError("DECLARATION_SYNTAX", f"{file} does not begin with a comment that holds its form")
    stem, body = Path(file).stem, source[head.end() :].strip().rstrip(";")
    digest = hashlib.sha256(source.encode()).hexdigest()
    return head[1], {"name": stem, "file": stem, "sql": body, "text": source, "digest": digest}


def _spoken(words: Any, said: Mapping[str, Any]) -> Any:
    """A head's words, with what the list says in place of the variables."""
    match words:
        case dict():
            return {key: _spoken(value, said) for key, value in words.items()}
        case list():
            return [_spoken(value, said) for value in words]
        case str():
            return _SPOKEN.sub(lambda name: str(said.get(name[1], name[0])), words)
        case _:
            return words


def variables(sql: str) -> set[str]:
    """The variables that a text of SQL names."""
    return {match[1] for match in _TOKEN.finditer(sql) if match[1]}


def filled(sql: str, values: Mapping[str, Any]) -> str:
    """The SQL with every variable's value in place, as literals."""

    def literal_of(match: re.Match[str]) -> str:
        if not match[1]:
            return match[0]
        if match[1] not in values:
            raise CheckError("CHECK_VARIABLE", f"the variable :{match[1]} has no value")
        return literal(values[match[1]])

    return _TOKEN.sub(literal_of, sql)


def literal(value: Any) -> str:
    """A value as SQL writes it; a list or a table becomes jsonb."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float() | Decimal():
            return format(Decimal(str(value)), "f")
        case date():
            return f"date '{value.isoformat()}'"
        case str():
            return _quoted(value)
        case _:
            return "jsonb " + _quoted(json.dumps(value, ensure_ascii=False, default=str))


def _quoted(text: str) -> str:
    """Standard SQL text; the backslash needs no care, because standard_conforming_strings is on."""
    return "'" + text.replace("'", "''") + "'"
