"""Letters and messages from templates: what a finding says, to whom, on which legal basis.

In charge of ``templates/``, ``figures.toml`` and ``documents.toml``. Pure: the rule gives title, basis and explanation,
the finding its figures. A missing value is an error (StrictUndefined), never a blank; HTML is escaped, text is text.
A figure that ``figures.toml`` does not name stands in no letter: an official's column name says nothing to an employer.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hub.checks import Rule
from hub.errors import DeclarationError, FollowupError
from hub.settings import Settings
from hub.terms import Insurance, division_name, is_under

FOLDER: Final = Path(__file__).parent
#: Kind of notice → its name, and the word in the series of its numbers.
KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "notification": ("告知书", "告知"),
    "reminder_letter": ("提醒函", "提醒"),
    "rectification": ("限期整改通知书", "整改"),
    "interview": ("面谈通知书", "约谈"),
}
NOUNS: Final[Mapping[str, str]] = {"employer": "你单位", "person": "您", "project": "你单位承包的工程项目"}


@dataclass(frozen=True, slots=True)
class Office:
    """Who writes. ``mark`` begins the numbers (机关代字); ``contact`` is where one can ask, and may be empty."""

    name: str
    mark: str
    contact: str = ""


def office_of(settings: Settings) -> Office:
    """The office that signs letters. DeclarationError where none is set and the region has no name here."""
    name = settings.office
    if name is None:
        division = division_name(settings.region)
        if division is None:
            raise DeclarationError(
                "DECLARATION_OFFICE", "Nobody signs the letters", f"{settings.region} has no name here",
                "set HUB_OFFICE to the bureau's full name",
            )  # fmt: skip
        name = f"{division}人力资源和社会保障局"
    return Office(name, settings.office_mark, settings.office_contact)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html",), disabled_extensions=("txt",), default=True),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def rendered(template: str, values: Mapping[str, Any]) -> str:
    """A template with its values in place; jinja2.UndefinedError where one is missing."""
    return _environment().get_template(template).render(values)


@cache
def template_digest(template: str) -> str:
    """SHA-256 of a template and of what it extends."""
    texts = [(FOLDER / "templates" / name).read_bytes() for name in (template, "letter.html")]
    return sha256(b"\0".join(texts if template.endswith(".html") else texts[:1])).hexdigest()


def title(rule: Rule) -> str:
    """The rule's title in Chinese."""
    said = re.search(r"\(([^()]*[\u4e00-\u9fff].*)\)$", rule.title)
    return said[1] if said else rule.title


def of_rule(rule: Rule, region: str) -> dict[str, Any]:
    """What a rule says in Chinese to whom it concerns: title, basis, explanation.

    The basis is what holds in ``region``; FollowupError where nothing does. Of the explanation the sentences that ask
    the official to do something (请…) are left out.
    """
    basis = [one for one in rule.basis if _holds(one, region)]
    if not basis:
        raise FollowupError(
            "FOLLOWUP_BASIS", f"{rule.name} rests on nothing that holds in {region}", "; ".join(rule.basis),
            "no letter goes out without a basis: name it in the rule, and its place in hub/followup/documents.toml",
        )  # fmt: skip
    sentences = [one for one in "".join(rule.explanation.zh.split()).split("。") if one and "请" not in one]
    return {"title": title(rule), "basis": basis, "explanation": "".join(f"{one}。" for one in sentences)}


def _holds(document: str, region: str) -> bool:
    known = _documents()
    if document.startswith(tuple(known["china"]["documents"])):
        return True
    return any(
        is_under(region, place) and document.startswith(tuple(names)) for place, names in known["regions"].items()
    )


@cache
def _documents() -> dict[str, Any]:
    return tomllib.loads((FOLDER / "documents.toml").read_text("utf-8"))


def figures(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures of a finding as a letter says them, in the order of ``figures.toml``."""
    return [
        (form["label"], _said(values[name], form.get("words")))
        for name, form in _figures().items()
        if values.get(name) not in {None, ""}
    ]


@cache
def _figures() -> dict[str, dict[str, Any]]:
    return tomllib.loads((FOLDER / "figures.toml").read_text("utf-8"))


def _said(value: Any, words: Any) -> str:
    """A figure in Chinese; as it is where its words are not such words."""
    text = str(value)
    if isinstance(words, dict):
        return str(words.get(text, text))
    try:
        match words:
            case "month":
                return chinese_month(date.fromisoformat(text))
            case "share":
                return f"{float(text):.1%}"
            case "insurance":
                return "、".join(Insurance(one.strip()).title_zh for one in text.split(","))
    except ValueError:
        pass
    return text


def chinese_day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def chinese_month(day: date) -> str:
    return f"{day.year}年{day.month}月"
