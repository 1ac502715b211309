"""The statutory retirement age since it began to rise on 1 January 2025. Pure arithmetic on months; refuses nothing.

Source: 全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定 and the 国务院 measures approved by it. Who was
born before a group's first month retires at the old age; every further step of months delays by one, up to a cap.
Retiring up to three years earlier or later is a choice the data do not show: `flexible_retirement` says between which
months, and no state or rule counts it.
"""

from datetime import date
from enum import StrEnum
from typing import Literal, NamedTuple

from hub.terms.time import add_months, month, months_between

RetirementState = Literal["working_age", "undetermined", "retired"]


class RetirementCategory(StrEnum):
    """Men; women whose old retirement age was 55 (management and technical posts) and 50 (all other posts)."""

    male = "male"
    female_55 = "female_55"
    female_50 = "female_50"


class _Scheme(NamedTuple):
    age: int  # years, before the reform
    first: date  # birth month of the first to be delayed
    step: int  # birth months to one month of delay
    cap: int  # months of delay at most


_SCHEMES = {
    RetirementCategory.male: _Scheme(60, date(1965, 1, 1), 4, 36),
    RetirementCategory.female_55: _Scheme(55, date(1970, 1, 1), 4, 36),
    RetirementCategory.female_50: _Scheme(50, date(1975, 1, 1), 2, 60),
}
_CHOICE = 36  # months by which one may retire earlier or later than the statutory age
_WOMEN_FROM = 50 * 12  # months of age: the earliest statutory retirement of a woman, and the latest
_WOMEN_TO = 58 * 12


class StatutoryRetirement(NamedTuple):
    """The age in years and months, and the month in which it is reached."""

    years: int
    months: int
    month: date


def statutory_retirement(birth_on: date, category: RetirementCategory | str) -> StatutoryRetirement:
    scheme = _SCHEMES[RetirementCategory(category)]
    since = months_between(scheme.first, birth_on)
    delay = 0 if since < 0 else min(scheme.cap, since // scheme.step + 1)
    years, months = divmod(scheme.age * 12 + delay, 12)
    return StatutoryRetirement(years, months, add_months(month(birth_on), years * 12 + months))


def flexible_retirement(birth_on: date, category: RetirementCategory | str) -> tuple[date, date]:
    """The first and the last month in which a person may choose to retire (弹性退休).

    Never before the age of before the reform; earlier only with the minimum of contributions, later only if the
    employer agrees.
    """
    reached = statutory_retirement(birth_on, category).month
    old_age = add_months(month(birth_on), _SCHEMES[RetirementCategory(category)].age * 12)
    return max(old_age, add_months(reached, -_CHOICE)), add_months(reached, _CHOICE)


def retirement_state(birth_on: date, sex: Literal["male", "female"], on: date) -> RetirementState:
    """Whether a person is past the statutory age on a day; through the month in which it is reached, not yet.

    A woman's age depends on her post, which the data do not show: from the month she turns 50 to that of 58 she is
    "undetermined", which is never ground for a finding. There is no lower bound: minors are "working_age" here.
    """
    age = months_between(birth_on, on)
    if sex == "female":
        if age < _WOMEN_FROM:
            return "working_age"
        return "undetermined" if age <= _WOMEN_TO else "retired"
    return "retired" if month(on) > statutory_retirement(birth_on, RetirementCategory.male).month else "working_age"


def minimum_contribution_months(year: int) -> int:
    """Months of contribution that a pension starting in that year needs: 180 to 2029, then six more a year, to 240."""
    return 180 + 6 * min(max(year - 2029, 0), 10)
