"""The canonical text of an identity document, by which a person is keyed in every delivery alike. No I/O.

The text goes into the keyed pseudonym, so its form can never change: a resident ID is "CN:" and its 18 characters; any
other document is "<KIND>:<NUMBER>", or "<KIND>:<COUNTRY>:<NUMBER>" where the issuing country is known.
Refuses an invalid resident ID and a number that cannot be one of its kind; messages never hold the number.
"""

from enum import StrEnum

from hub.terms.invalid import InvalidTerm
from hub.terms.resident_id import ResidentId
from hub.terms.text import is_null_text, normalize_text


class DocumentKind(StrEnum):
    """What a person showed. The first three carry a resident ID as their number."""

    resident_id = "resident_id"
    hmt_residence_permit = "hmt_residence_permit"
    foreign_permanent = "foreign_permanent"
    foreign_permanent_old = "foreign_permanent_old"
    passport = "passport"
    hong_kong_macao_permit = "hong_kong_macao_permit"
    taiwan_permit = "taiwan_permit"
    military_id = "military_id"
    other = "other"

    @property
    def title_zh(self) -> str:
        return _TITLES[self]


_TITLES = {
    DocumentKind.resident_id: "居民身份证",
    DocumentKind.hmt_residence_permit: "港澳台居民居住证",
    DocumentKind.foreign_permanent: "外国人永久居留身份证",
    DocumentKind.foreign_permanent_old: "外国人永久居留身份证（旧版）",
    DocumentKind.passport: "护照",
    DocumentKind.hong_kong_macao_permit: "港澳居民来往内地通行证",
    DocumentKind.taiwan_permit: "台湾居民来往大陆通行证",
    DocumentKind.military_id: "军人证件",
    DocumentKind.other: "其他证件",
}
_RESIDENT = {DocumentKind.resident_id, DocumentKind.hmt_residence_permit, DocumentKind.foreign_permanent}
_FREE = {DocumentKind.military_id, DocumentKind.other}  # numbers with Chinese characters in them


class InvalidDocument(InvalidTerm):
    """Not a document of its kind. `reason` is one of blank, masked, characters, country."""


def canonical_document(kind: DocumentKind | str, number: str, country: str = "") -> str:
    """The text by which the holder is keyed. `country` is a code of two or three letters; a resident ID needs none."""
    kind = DocumentKind(kind)
    if kind in _RESIDENT:
        return f"CN:{ResidentId.parse(number).number}"
    folded = _fold(number)
    if is_null_text(number, zero=True) or not folded.strip("0"):
        raise InvalidDocument("blank", "nothing is given")
    if "*" in folded:
        raise InvalidDocument("masked", "the number is masked; ask for it in full")
    if kind not in _FREE and not (folded.isascii() and folded.isalnum()):
        raise InvalidDocument("characters", "only digits and Latin letters may stand here")
    if kind == DocumentKind.foreign_permanent_old and not is_foreign_permanent_old(number):
        raise InvalidDocument("characters", "three letters and twelve digits are expected")
    place = _fold(country)
    if place and not (place.isascii() and place.isalpha() and len(place) in {2, 3}):
        raise InvalidDocument("country", "the country is no code of two or three letters")
    return ":".join(part for part in (kind.upper(), place, folded) if part)


def is_foreign_permanent_old(text: str) -> bool:
    """Whether a text is the number of a foreigner's permanent residence card as issued before December 2023."""
    folded = _fold(text)
    return len(folded) == 15 and folded.isascii() and folded[:3].isalpha() and folded[3:].isdigit()


def _fold(text: str) -> str:
    folded = normalize_text(text).upper()
    for mark in " '-:":  # the colon parts the canonical text, so no number may hold one
        folded = folded.replace(mark, "")
    return folded
