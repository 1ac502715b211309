"""The tables of a city, before any department has written them down. No I/O.

Months are numbers (see `months`). `pid` and `eid` are row numbers, never written to a file; -1 stands for no employer.
Planted cases and the base city have the same tables, so that one set of departments writes both.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

PERSON = {
    "pid": pl.Int64, "birth": pl.Date, "sex": pl.String, "area": pl.String, "origin": pl.String, "minority": pl.Boolean,
    "registered": pl.Boolean, "status": pl.String, "status_on": pl.Date, "role": pl.String, "household": pl.Int64,
}  # fmt: skip
EMPLOYER = {
    "eid": pl.Int64, "kind": pl.String, "category": pl.String, "trade": pl.String, "industry": pl.String,
    "industry_name": pl.String, "area": pl.String, "registered_on": pl.Date, "status": pl.String,
    "status_on": pl.Date, "owner": pl.Int64, "declared": pl.Int64,
}  # fmt: skip
#: One job: `types` names the insurances the employer enrolls for (a key of TYPES); `wage` is a month's of 2026 and
#: the base follows from it unless `base` says otherwise; `taxed` is the income item the tax bureau sees, or none.
JOB = {
    "pid": pl.Int64, "eid": pl.Int64, "first": pl.Int64, "last": pl.Int64, "wage": pl.Float64, "types": pl.String,
    "taxed": pl.String, "base": pl.Float64, "paid_until": pl.Int64,
}  # fmt: skip
#: Enrollments without an employer, or that do not follow from a job.
SPELL = {
    "pid": pl.Int64, "eid": pl.Int64, "insurance": pl.String, "first": pl.Int64, "last": pl.Int64, "state": pl.String,
    "contributor": pl.String, "base": pl.Float64, "paid_until": pl.Int64,
}  # fmt: skip
RESIDENT = {  # resident pension, one row a person
    "pid": pl.Int64, "first": pl.Int64, "last": pl.Int64, "state": pl.String, "identity": pl.String,
    "tier": pl.Int64, "on_behalf": pl.Boolean,
}  # fmt: skip
BENEFIT = {
    "pid": pl.Int64, "kind": pl.String, "first": pl.Int64, "last": pl.Int64, "yuan": pl.Float64, "paid_until": pl.Int64,
}  # fmt: skip
PAID = {  # contributions that no spell explains: back payments and what came for the wrong months
    "pid": pl.Int64, "eid": pl.Int64, "month": pl.Int64, "settled": pl.Int64, "base": pl.Float64, "kind": pl.String,
    "arrived": pl.Boolean,
}  # fmt: skip
INCOME = {  # taxed amounts that no job explains
    "pid": pl.Int64, "eid": pl.Int64, "month": pl.Int64, "income": pl.String, "yuan": pl.Float64,
}  # fmt: skip
EVENT = {"pid": pl.Int64, "kind": pl.String, "on": pl.Date, "registered_on": pl.Date}
LOW_INCOME = {"certificate": pl.String, "place": pl.Int64, "pid": pl.Int64, "area": pl.String}
DESTITUTE = {"certificate": pl.String, "pid": pl.Int64, "area": pl.String}
#: Certificates of disability by level, 1 the heaviest, and those lifted out of poverty who have support still.
DISABLED = {"pid": pl.Int64, "level": pl.Int64}
LIFTED = {"pid": pl.Int64}
PROJECT = {
    "code": pl.String, "name": pl.String, "eid": pl.Int64, "cost": pl.Int64, "starts": pl.Date, "ends": pl.Date,
    "finished": pl.Date, "area": pl.String, "sector": pl.String, "declared": pl.String,
}  # fmt: skip
POLICY = {"code": pl.String, "certificate": pl.String, "insured": pl.Date, "starts": pl.Date, "ends": pl.Date}
WORKER = {"pid": pl.Int64, "code": pl.String, "entered": pl.Date, "left": pl.Date}
#: Insurance accounts that are closed although their staff says otherwise.
CLOSED = {"eid": pl.Int64}
#: Whose premiums the tax bureau calls collected, whatever the agency waits for.
COLLECTED = {"eid": pl.Int64}
FUND = {"pid": pl.Int64, "eid": pl.Int64, "base": pl.Float64, "paid_until": pl.Int64}
STUDENT = {"pid": pl.Int64, "first": pl.Int64, "last": pl.Int64, "state": pl.String}
SENTENCE = {"pid": pl.Int64, "kind": pl.String, "on": pl.Date, "until": pl.Date}
ELSEWHERE = {  # insured in another place, since
    "pid": pl.Int64, "insurance": pl.String, "first": pl.Int64, "region": pl.String,
}  # fmt: skip
#: Put on an office's list of employers, or on its roll of persons, beside those it draws by chance.
LISTING = {"delivery": pl.String, "eid": pl.Int64}
ROLL = {  # `said`: what the roll says of how they work, or how the case ended
    "delivery": pl.String, "pid": pl.Int64, "eid": pl.Int64, "since": pl.Date, "said": pl.String,
}  # fmt: skip
#: What a town found at the door, beside its own visits: `residence` is a word of the survey.
VISIT = {"pid": pl.Int64, "on": pl.Date, "residence": pl.String}
#: Whose card is not as usual: `state` is a word of the card store, null where there is no card.
CARD = {"pid": pl.Int64, "state": pl.String}

#: A contribution base that is not written down.
UNTOLD = -1.0

SCHEMAS: dict[str, dict[str, Any]] = {
    "persons": PERSON, "employers": EMPLOYER, "jobs": JOB, "spells": SPELL, "residents": RESIDENT, "benefits": BENEFIT,
    "paid": PAID, "incomes": INCOME, "events": EVENT, "low_income": LOW_INCOME, "destitute": DESTITUTE,
    "disabled": DISABLED, "lifted": LIFTED, "projects": PROJECT, "policies": POLICY, "workers": WORKER, "fund": FUND,
    "students": STUDENT, "sentences": SENTENCE, "elsewhere": ELSEWHERE, "listings": LISTING,
    "rolls": ROLL, "visits": VISIT, "cards": CARD, "closed": CLOSED, "collected": COLLECTED,
}  # fmt: skip

#: Codes of the human resources systems (AAE140). Maternity is collected with medical care.
TYPES = {
    "all": ("110", "210", "310", "410"),
    "organ": ("120", "210", "310", "410"),
    "none": (),
    "injury": ("410",),
    "pension_medical": ("110", "310"),
    "no_injury": ("110", "210", "310"),
    "no_unemployment": ("110", "310", "410"),
    "no_medical": ("110", "210", "410"),
    "medical": ("310",),
}


@dataclass(frozen=True, slots=True)
class City:
    """Every table by its name in `SCHEMAS`."""

    persons: pl.DataFrame
    employers: pl.DataFrame
    jobs: pl.DataFrame
    spells: pl.DataFrame
    residents: pl.DataFrame
    benefits: pl.DataFrame
    paid: pl.DataFrame
    incomes: pl.DataFrame
    events: pl.DataFrame
    low_income: pl.DataFrame
    destitute: pl.DataFrame
    disabled: pl.DataFrame
    lifted: pl.DataFrame
    projects: pl.DataFrame
    policies: pl.DataFrame
    workers: pl.DataFrame
    fund: pl.DataFrame
    students: pl.DataFrame
    sentences: pl.DataFrame
    elsewhere: pl.DataFrame
    listings: pl.DataFrame
    rolls: pl.DataFrame
    visits: pl.DataFrame
    cards: pl.DataFrame
    closed: pl.DataFrame
    collected: pl.DataFrame


def city(**tables: pl.DataFrame) -> City:
    """A city of these tables, cut to their columns; those not given are empty."""
    empty = {name: pl.DataFrame(schema=schema) for name, schema in SCHEMAS.items()}
    given = {name: table.select(pl.col(c).cast(t) for c, t in SCHEMAS[name].items()) for name, table in tables.items()}
    return City(**(empty | given))


def together(first: City, second: City) -> City:
    return City(**{name: pl.concat([getattr(first, name), getattr(second, name)]) for name in SCHEMAS})
