"""Media types: what a request's body is, what its answer may be. Pure; every reading is remembered.

Source: RFC 9110 §8.3, §12.5.1; GraphQL over HTTP, "Accept" and "Legacy watershed".
"""

from functools import lru_cache
from typing import Final

GRAPHQL_RESPONSE: Final = "application/graphql-response+json"
JSON: Final = "application/json"
#: In the order of preference where a client leaves the choice to the hub.
ANSWERS: Final = (GRAPHQL_RESPONSE, JSON)
LONGEST: Final = 2000  # characters of a header that are worth reading


@lru_cache(maxsize=256)
def answer_type(accept: bytes | None) -> str | None:
    """The media type to answer with; None: the client takes none that the hub has.

    Without an Accept header it is `application/graphql-response+json`: the watershed of the specification has passed.
    Of two types that a client wants equally, the one it names first.
    """
    if accept is None or not accept.strip():
        return GRAPHQL_RESPONSE
    if len(accept) > LONGEST:
        return None
    ranges = [parsed for part in accept.decode("latin-1").split(",") if (parsed := _range(part)) is not None]
    best: tuple[float, int] | None = None
    chosen = None
    for answer in ANSWERS:
        matching = [(_specific(name, answer), quality, -place) for place, (name, quality) in enumerate(ranges)]
        specific, quality, place = max(matching, default=(0, 0.0, 0))
        if specific and quality > 0 and (best is None or (quality, place) > best):
            best, chosen = (quality, place), answer
    return chosen


def _specific(name: str, answer: str) -> int:
    """How closely a media range names a type; 0: not at all."""
    return 3 if name == answer else 2 if name == "application/*" else 1 if name == "*/*" else 0


def _range(part: str) -> tuple[str, float] | None:
    """Name and quality of one media range; None where it makes no sense, or asks for another encoding than UTF-8."""
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        key, _, value = (piece.strip() for piece in parameter.partition("="))
        value = value.strip('"')
        if key == "q":
            if not _is_quality(value):
                return None
            quality = float(value)
        elif key == "charset" and value not in {"utf-8", "utf8"}:
            return None
    return name, quality


def _is_quality(text: str) -> bool:
    whole, _, fraction = text.partition(".")
    digits = fraction.isascii() and (fraction == "" or fraction.isdigit()) and len(fraction) <= 3
    return digits and (whole == "0" or (whole == "1" and not fraction.strip("0")))


@lru_cache(maxsize=256)
def is_json(content_type: bytes | None) -> bool:
    """Whether a body is `application/json`, in UTF-8 as JSON must be."""
    return _is(content_type, JSON)


@lru_cache(maxsize=256)
def is_form(content_type: bytes | None) -> bool:
    """Whether a body is `application/x-www-form-urlencoded`."""
    return _is(content_type, "application/x-www-form-urlencoded")


def _is(content_type: bytes | None, wanted: str) -> bool:
    if content_type is None or len(content_type) > LONGEST:
        return False
    name, *parameters = (piece.strip().lower() for piece in content_type.decode("latin-1").split(";"))
    for parameter in parameters:
        key, _, value = (piece.strip() for piece in parameter.partition("="))
        if key == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            return False
    return name == wanted and "," not in name
