"""Text as departments write it, made comparable: widths, blanks, invisible characters, middle dots, null words. No I/O.

Refuses nothing. What is normalized is for comparing and parsing; whoever stores a name keeps the raw value beside it.
"""

import re
import unicodedata

MIDDLE_DOT = "·"  # U+00B7, which the naming rules for non-Han names require

ZERO_WIDTH = "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_INVISIBLE = dict.fromkeys(map(ord, ZERO_WIDTH))
# NFKC leaves these as they are: • ‧ ∙ ⋅ ⸱ ・ (and makes the half-width ･ into ・)
_DOTS = dict.fromkeys(map(ord, "\u2022\u2027\u2219\u22c5\u2e31\u30fb"), MIDDLE_DOT)
# In a name, a full stop between two parts was meant as the dot. Elsewhere it is a decimal point.
_NAME_DOTS = _DOTS | dict.fromkeys(map(ord, ".\uff0e\u3002\uff61"), MIDDLE_DOT)

_HAN = r"[\u2e80-\u2fdf\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_BLANK_BESIDE_HAN = re.compile(rf"(?<={_HAN})\s+|\s+(?={_HAN})|\s*({MIDDLE_DOT})\s*")
_STOP_BESIDE_HAN = re.compile(rf"(?<={_HAN})[.\uff0e\u3002\uff61]|[.\uff0e\u3002\uff61](?={_HAN})")

NULL_WORDS = frozenset(
    {"", "无", "暂无", "空", "/", "\\", "-", "--", "—", "——", "\\n", "null", "none", "nan", "n/a", "#n/a"}
)


def normalize_text(text: str) -> str:
    """NFKC, invisible characters gone, any dot of U+00B7's look as U+00B7, runs of blanks as one, trimmed."""
    if text.isascii():
        return " ".join(text.split())
    folded = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    return " ".join(folded.translate(_DOTS).split())


def normalize_name(text: str) -> str:
    """A person's name for comparing: as `normalize_text`, without blanks beside Han characters or around the dot.

    "张　三" is "张三", "阿依古丽 ． 买买提" is "阿依古丽·买买提", "Anna  Maria" is "Anna Maria".
    """
    if text.isascii():
        return normalize_text(text)
    closed = _BLANK_BESIDE_HAN.sub(r"\1", normalize_text(text))
    return _STOP_BESIDE_HAN.sub(MIDDLE_DOT, closed)


def is_null_text(text: str, *, zero: bool = False) -> bool:
    r"""Whether the text only says that there is nothing: blank, 无, 暂无, /, -, \N, NULL …

    `zero` counts "0" too, which is right for a number that names something and wrong for an amount or a code.
    """
    word = normalize_text(text).casefold()
    return word in NULL_WORDS or (zero and word == "0")
