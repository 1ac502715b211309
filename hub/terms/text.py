"""Text as departments write it, made comparable: widths, blanks, invisible characters, middle dots, null words. No I/O.

Refuses nothing. What is normalized is for comparing and parsing; whoever stores a name keeps the raw value beside it.
"""

import re
import unicodedata

MIDDLE_DOT = "·"  # U+00B7, which the naming rules for non-Han names require

# Zero-width and direction marks, the BOM, and the control characters that are no blanks (DBF pads with NUL).
INVISIBLE = (
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
    + "".join(map(chr, [*range(9), *range(14, 28), 127, *range(128, 133), *range(134, 160)]))
)
_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))
# NFKC leaves these as they are: • ‧ ∙ ⋅ ⸱ ・ (and makes the half-width ･ into ・)
_DOTS = dict.fromkeys(map(ord, "\u2022\u2027\u2219\u22c5\u2e31\u30fb"), MIDDLE_DOT)

_HAN = r"[\u2e80-\u2fdf\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_BLANK_BESIDE_HAN = re.compile(rf"(?<={_HAN})\s+|\s+(?={_HAN})|\s*({MIDDLE_DOT})\s*")
# In a name, a full stop beside a Han character was meant as the dot. Elsewhere it is a decimal point.
_STOP_BESIDE_HAN = re.compile(rf"(?<={_HAN})\s*[.。]\s*|\s*[.。]\s*(?={_HAN})")
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){10,}[ -]?[xX]?", re.ASCII)

NULL_WORDS = frozenset(
    {"", "无", "暂无", "空", "/", "\\", "-", "--", "—", "——", "\\n", "null", "none", "nan", "n/a", "#n/a"}
)


def normalize_text(text: str) -> str:
    """NFKC, invisible characters gone, any dot of U+00B7's look as U+00B7, runs of blanks as one, trimmed."""
    folded = text.translate(_INVISIBLE)
    if not folded.isascii():
        folded = unicodedata.normalize("NFKC", folded).translate(_DOTS)
    return " ".join(folded.split())


def normalize_name(text: str) -> str:
    """A person's name for comparing: as `normalize_text`, without blanks beside Han characters or around the dot.

    "张　三" is "张三", "阿依古丽 ． 买买提" is "阿依古丽·买买提", "Anna  Maria" is "Anna Maria".
    """
    dotted = _STOP_BESIDE_HAN.sub(MIDDLE_DOT, normalize_text(text))
    return _BLANK_BESIDE_HAN.sub(r"\1", dotted)


def is_null_text(text: str, *, zero: bool = False) -> bool:
    r"""Whether the text only says that there is nothing: blank, 无, 暂无, /, -, \N, NULL …

    `zero` counts "0" too, which is right for a number that names something and wrong for an amount or a code.
    """
    word = normalize_text(text).casefold()
    return word in NULL_WORDS or (zero and word == "0")


def quotable(text: str) -> str:
    """The text for a message: any number of eleven digits or more, which may be a person's, but for its last four."""
    hidden = _LONG_NUMBER.sub(lambda found: "*" * (len(found[0]) - 4) + found[0][-4:], text)
    return hidden if len(hidden) <= 40 else hidden[:40] + "…"
