"""The social insurances, their titles, and the code that each source system has for them. No I/O.

The same number means different insurances in different systems (340 is a retired cadre's medical care at the medical
insurance bureau and the residents' medical fund in the fund's accounts), so there is one table a source and no default.
Refuses an unknown code, as `UnknownInsurance`; codes whose meaning no source states for certain are not in the tables.
"""

import re
from enum import StrEnum
from types import MappingProxyType

from hub.terms.invalid import InvalidTerm
from hub.terms.text import normalize_text, quotable


class Insurance(StrEnum):
    """One insurance (险种), by the name under which the hub stores and shows it."""

    employee_pension = "employee_pension"
    organ_pension = "organ_pension"
    resident_pension = "resident_pension"
    unemployment = "unemployment"
    employee_medical = "employee_medical"
    civil_servant_medical = "civil_servant_medical"
    large_amount_medical = "large_amount_medical"
    retired_cadre_medical = "retired_cadre_medical"
    resident_medical = "resident_medical"
    resident_serious_illness = "resident_serious_illness"
    injury = "injury"
    maternity = "maternity"

    @property
    def title_zh(self) -> str:
        return TITLES[self]

    @property
    def is_pension(self) -> bool:
        return self in PENSIONS

    @property
    def is_medical(self) -> bool:
        """A basic medical insurance, of which a person has one; supplements to it do not count."""
        return self in MEDICAL


_I = Insurance

TITLES = MappingProxyType({
    _I.employee_pension: "企业职工基本养老保险",
    _I.organ_pension: "机关事业单位基本养老保险",
    _I.resident_pension: "城乡居民基本养老保险",
    _I.unemployment: "失业保险",
    _I.employee_medical: "职工基本医疗保险",
    _I.civil_servant_medical: "公务员医疗补助",
    _I.large_amount_medical: "大额医疗费用补助",
    _I.retired_cadre_medical: "离休人员医疗保障",
    _I.resident_medical: "城乡居民基本医疗保险",
    _I.resident_serious_illness: "城乡居民大病保险",
    _I.injury: "工伤保险",
    _I.maternity: "生育保险",
})  # fmt: skip

PENSIONS = frozenset({_I.employee_pension, _I.organ_pension, _I.resident_pension})
MEDICAL = frozenset({_I.employee_medical, _I.resident_medical})

CODES = MappingProxyType({
    # AAE140 of the human resources systems
    "human_resources": MappingProxyType({
        "110": _I.employee_pension, "120": _I.organ_pension, "170": _I.resident_pension,
        "210": _I.unemployment, "310": _I.employee_medical, "390": _I.resident_medical,
        "410": _I.injury, "510": _I.maternity,
    }),
    # insutype of the medical insurance platform
    "medical": MappingProxyType({
        "310": _I.employee_medical, "320": _I.civil_servant_medical, "330": _I.large_amount_medical,
        "340": _I.retired_cadre_medical, "390": _I.resident_medical, "392": _I.resident_serious_illness,
        "510": _I.maternity,
    }),
    # 征收项目 (five digits) and 征收品目 (nine)
    "tax": MappingProxyType({
        "10201": _I.employee_pension, "10210": _I.resident_pension, "102100100": _I.resident_pension,
    }),
    # 账套 of the fund's accounts
    "fund": MappingProxyType({
        "110": _I.employee_pension, "120": _I.organ_pension, "150": _I.resident_pension,
        "340": _I.resident_medical, "341": _I.resident_medical, "400": _I.employee_medical, "401": _I.employee_medical,
        "700": _I.maternity, "800": _I.injury, "900": _I.unemployment,
    }),
})  # fmt: skip

# Chinese text where a code belongs. Only words that name one insurance: "养老保险" alone could be any of three.
_NAMES = {title: insurance for insurance, title in TITLES.items()} | {
    "企业职工养老": _I.employee_pension, "企业职工养老保险": _I.employee_pension, "职工养老保险": _I.employee_pension,
    "职工基本养老保险": _I.employee_pension, "企业养老": _I.employee_pension, "企业养老保险": _I.employee_pension,
    "机关事业养老": _I.organ_pension, "机关事业养老保险": _I.organ_pension, "机关养老保险": _I.organ_pension,
    "机关事业单位养老保险": _I.organ_pension,
    "居民养老": _I.resident_pension, "居民养老保险": _I.resident_pension, "城乡居民养老": _I.resident_pension,
    "城乡居民养老保险": _I.resident_pension, "城乡居民社会养老保险": _I.resident_pension,
    "失业": _I.unemployment, "工伤": _I.injury, "生育": _I.maternity,
    "职工医保": _I.employee_medical, "职工医疗保险": _I.employee_medical, "城镇职工基本医疗保险": _I.employee_medical,
    "居民医保": _I.resident_medical, "居民医疗保险": _I.resident_medical, "城乡居民医疗保险": _I.resident_medical,
    "公务员补助": _I.civil_servant_medical, "居民大病": _I.resident_serious_illness,
    "居民大病保险": _I.resident_serious_illness,
}  # fmt: skip

_CODE_AND_NAME = re.compile(r"(\d*)[\s:\-_.|、()]*([^\d]*?)[)\s]*", re.ASCII)


class UnknownInsurance(InvalidTerm):
    """No insurance of the source. `reason` is one of unknown_code, contradiction."""


def insurance_of(source: str, text: str) -> Insurance:
    """The insurance that a source means: by its code, its Chinese name, or both glued ("110 企业职工基本养老保险").

    `source` is a key of `CODES`. A name that is not known may follow a known code; one that contradicts it may not.
    """
    codes = CODES[source]
    known = codes.get(text)
    if known is not None:
        return known
    normal = normalize_text(text)
    match = _CODE_AND_NAME.fullmatch(normal)
    by_code = codes.get(match[1]) if match else None
    by_name = _NAMES.get(match[2].replace(" ", "").removesuffix("费")) if match else None
    found = by_code if match and match[1] else by_name
    if found is None:
        raise UnknownInsurance("unknown_code", f"unknown code '{quotable(normal)}'")
    if by_name and by_name != found:
        raise UnknownInsurance("contradiction", f"code and name disagree in '{quotable(normal)}'")
    return found
