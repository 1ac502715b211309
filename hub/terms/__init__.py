"""The field's terms as values: identifiers, regions, insurances, time, money, retirement. No I/O, no database.

Each `parse`-like function takes the text that a department wrote and gives the canonical value, or raises an
`InvalidTerm` with a reason code; messages about a person never hold the value.
"""

from hub.terms.action import ACTION_TITLES, RESULT_TITLES, ActionKind, ActionResult
from hub.terms.document import DocumentKind, InvalidDocument, canonical_document, is_foreign_permanent_old
from hub.terms.freshness import Freshness, freshness
from hub.terms.insurance import CODES, MEDICAL, PENSIONS, TITLES, Insurance, UnknownInsurance, insurance_of
from hub.terms.invalid import InvalidTerm
from hub.terms.money import InvalidAmount, yuan
from hub.terms.reason import REASON_TITLES, NotEnrolledReason
from hub.terms.region import (
    DIVISIONS,
    Division,
    InvalidRegion,
    canonical_region,
    division_name,
    is_under,
    region_parents,
)
from hub.terms.resident_id import (
    DisabilityNumber,
    InvalidResidentId,
    ResidentId,
    check_character,
    disability,
    mask_resident_id,
)
from hub.terms.retirement import (
    RetirementCategory,
    StatutoryRetirement,
    flexible_retirement,
    minimum_contribution_months,
    retirement_state,
    statutory_retirement,
)
from hub.terms.text import is_null_text, normalize_name, normalize_text
from hub.terms.time import (
    FOREVER,
    OPEN,
    InvalidDate,
    Spell,
    add_months,
    day,
    day_in_china,
    instant_in_china,
    month,
    months_between,
    today_in_china,
    year,
)
from hub.terms.uscc import (
    InvalidUscc,
    Uscc,
    canonical_organization_code,
    is_organization_code,
    organization_code_check,
    uscc_check,
)

__all__ = [
    "ACTION_TITLES",
    "CODES",
    "DIVISIONS",
    "FOREVER",
    "MEDICAL",
    "OPEN",
    "PENSIONS",
    "REASON_TITLES",
    "RESULT_TITLES",
    "TITLES",
    "ActionKind",
    "ActionResult",
    "DisabilityNumber",
    "Division",
    "DocumentKind",
    "Freshness",
    "Insurance",
    "InvalidAmount",
    "InvalidDate",
    "InvalidDocument",
    "InvalidRegion",
    "InvalidResidentId",
    "InvalidTerm",
    "InvalidUscc",
    "NotEnrolledReason",
    "ResidentId",
    "RetirementCategory",
    "Spell",
    "StatutoryRetirement",
    "UnknownInsurance",
    "Uscc",
    "add_months",
    "canonical_document",
    "canonical_organization_code",
    "canonical_region",
    "check_character",
    "day",
    "day_in_china",
    "disability",
    "division_name",
    "flexible_retirement",
    "freshness",
    "instant_in_china",
    "insurance_of",
    "is_foreign_permanent_old",
    "is_null_text",
    "is_organization_code",
    "is_under",
    "mask_resident_id",
    "minimum_contribution_months",
    "month",
    "months_between",
    "normalize_name",
    "normalize_text",
    "organization_code_check",
    "region_parents",
    "retirement_state",
    "statutory_retirement",
    "today_in_china",
    "uscc_check",
    "year",
    "yuan",
]
