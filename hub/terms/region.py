"""Administrative divisions as text of six, nine or twelve digits: province, city, county, town, village. No I/O.

Source: GB/T 2260 (six digits), the statistical codes of towns (+3) and villages (+3). What lies under what, the digits
alone decide; the names here serve the three cities and include the retired ones. Areas by which a city reports but
which GB/T 2260 does not have (development zones) are marked `statistical`.
Refuses, as `InvalidRegion`, what is not such a code; one that begins 00 too, because everything would lie under it.
The message quotes nothing: an address may stand there.
"""

from typing import NamedTuple

from hub.terms.invalid import InvalidTerm

_TOWN = "000"


class InvalidRegion(InvalidTerm):
    """Not a region code. `reason` is always region."""


def canonical_region(text: str) -> str:
    """The shortest code of the same region: six digits down to the county, nine for a town, twelve for a village."""
    return significant_digits(text).ljust(6, "0")


def significant_digits(text: str) -> str:
    """The digits that say something, 2, 4, 6, 9 or 12: "37" of 370000, "3710" of 371000, "371082" of 371082000."""
    if len(text) not in {6, 9, 12} or not (text.isascii() and text.isdigit()) or text.startswith("00"):
        raise InvalidRegion("region", "not a region code of six, nine or twelve digits")
    if text[6:].strip("0"):
        return text[:9] if text[9:] in {"", _TOWN} else text
    county = text[:6]
    while county.endswith("00"):
        county = county[:-2]
    return county


def is_under(code: str, ancestor: str) -> bool:
    """Whether a region is the ancestor or lies in it: 371082107 lies under 371082, 371000 and 370000."""
    return significant_digits(code).startswith(significant_digits(ancestor))


def region_parents(code: str) -> tuple[str, ...]:
    """The regions it lies in, nearest first, each in its canonical code."""
    digits = significant_digits(code)
    return tuple(digits[:length].ljust(6, "0") for length in (9, 6, 4, 2) if length < len(digits))


class Division(NamedTuple):
    """A division's name while its code was valid; years as published, None where open or not stated."""

    code: str
    name: str
    since: int | None = None
    until: int | None = None  # the year of the change, in which both the old and the new code are met
    statistical: bool = False


DIVISIONS = (
    Division("150000", "内蒙古自治区"),
    Division("320000", "江苏省"),
    Division("370000", "山东省"),
    Division("150300", "乌海市"),
    Division("150301", "市辖区", 1983),
    Division("150302", "海勃湾区", 1983),
    Division("150303", "海南区", 1983),
    Division("150304", "乌达区", 1983),
    Division("320900", "盐城市"),
    Division("320901", "市辖区"),
    Division("320902", "亭湖区", 2003),
    Division("320902", "城区", 1983, 2002),
    Division("320903", "盐都区", 2003),
    Division("320904", "大丰区", 2015),
    Division("320921", "响水县"),
    Division("320922", "滨海县"),
    Division("320923", "阜宁县"),
    Division("320924", "射阳县"),
    Division("320925", "建湖县"),
    Division("320981", "东台市", 1989),
    Division("320911", "郊区", 1983, 1996),
    Division("320926", "大丰县", 1983, 1996),
    Division("320982", "大丰市", 1996, 2015),
    Division("320927", "东台县", 1983, 1987),
    Division("320928", "盐都县", 1996, 2003),
    Division("320971", "盐城经济技术开发区", statistical=True),
    Division("371000", "威海市", 1987),
    Division("371001", "市辖区"),
    Division("371002", "环翠区"),
    Division("371003", "文登区", 2014),
    Division("371082", "荣成市", 1989),
    Division("371083", "乳山市", 1993),
    Division("371021", "乳山县", 1987, 1993),
    Division("371022", "文登县", 1987, 1988),
    Division("371023", "荣成县", 1987, 1988),
    Division("371081", "文登市", 1989, 2014),
    Division("370630", "乳山县", 1983, 1987),
    Division("370632", "文登县", 1983, 1987),
    Division("370633", "荣成县", 1983, 1987),
    Division("371071", "火炬高技术产业开发区", statistical=True),
    Division("371072", "经济技术开发区", statistical=True),
    Division("371073", "临港经济技术开发区", statistical=True),
)


def division_name(code: str, year: int | None = None) -> str | None:
    """The name of a division, of the given year or the latest; None where the code is not known here."""
    canonical = canonical_region(code)
    known = [
        division
        for division in DIVISIONS
        if division.code == canonical and (year is None or (division.since or 0) <= year <= (division.until or 9999))
    ]
    return max(known, key=lambda division: division.since or 0).name if known else None
