"""A pad to write planted cases on: persons, employers and what ties them, one call each, and the cases. No I/O.

Every planted person and employer is new and otherwise in good order, so that a case has the effects it names and no
others. The base city knows nothing of them.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import polars as pl

from hub.demo.base import with_trade
from hub.demo.chance import Chance
from hub.demo.model import SCHEMAS, TYPES, City, city
from hub.demo.months import FIRST, LAST, OPEN, number
from hub.demo.names import AREAS

Verdict = Literal["found", "not_found", "unknown"]
Subject = tuple[Literal["person", "employer", "project"], int | str]
_CATEGORIES = {
    "enterprise": "91", "branch": "91", "individual_business": "92", "cooperative": "93", "social_organization": "52",
    "public_institution": "12",
}  # fmt: skip
#: Trades that no rule looks at; what a case is about says its own.
_ORDINARY = (
    ("机械制造", "3499", "其他未列明通用设备制造业"), ("船舶配件", "3734", "船用配套设备制造"),
    ("水产食品", "1362", "鱼糜制品及水产品干腌制加工"), ("信息科技", "6510", "软件开发"),
)  # fmt: skip
_LONG_AGO = 2016 * 12
_PENSIONED = [types for types, insurances in TYPES.items() if {"110", "120"} & {*insurances}]


@dataclass(frozen=True, slots=True)
class Case:
    """What one rule must say of one subject, and why."""

    rule: str
    verdict: Verdict
    subject: Subject
    why: str
    matter: str = ""


@dataclass(slots=True)
class Planting:
    """`pid` and `eid` count up from 0; `cases` is what the manifest will say."""

    chance: Chance
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in SCHEMAS})
    cases: list[Case] = field(default_factory=list)

    def case(self, rule: str, verdict: Verdict, subject: Subject, why: str, *matters: str) -> None:
        """A case, or one a matter where the rule tells several apart."""
        self.cases.extend(Case(rule, verdict, subject, why, matter) for matter in matters or ("",))

    def person(self, age: int, sex: str = "male", *, role: str = "employee", registered: bool = True) -> int:
        """A person of so many years (birthday in March), registered here and insured nowhere yet."""
        pid = len(self.rows["persons"])
        self.rows["persons"].append({
            "pid": pid, "birth": date(2026 - age, 3, 1 + pid % 28), "sex": sex, "area": self._area(pid),
            "origin": "local" if registered else "elsewhere", "minority": False, "registered": registered,
            "status": "normal", "status_on": None, "role": role, "household": pid,
        })  # fmt: skip
        return pid

    def gone(self, pid: int, kind: str, on: date, *, told: date | None = None, register: bool = True) -> None:
        """Death, moving away, enlisting: in the list of changes and, if `register`, as the person's state."""
        if register:
            status = {"dead": "dead", "moved_out": "moved_out", "enlisted": "enlisted"}.get(kind, "cancelled")
            self.rows["persons"][pid] |= {"status": status, "status_on": on}
        self.rows["events"].append({"pid": pid, "kind": kind, "on": on, "registered_on": told or on})

    def cremated(self, pid: int, on: date) -> None:
        self.rows["events"].append({"pid": pid, "kind": "cremation", "on": on, "registered_on": on})

    def employer(
        self, kind: str = "enterprise", *, registered_on: date = date(2015, 6, 1), declared: int | None = None,
        status: str = "operating", status_on: date | None = None, trade: tuple[str, str, str] | None = None,
        owner: int | None = None,
    ) -> int:  # fmt: skip
        """Owned by whom it says, else by an employee whom it insures, or by anyone who is insured by an employer."""
        eid = len(self.rows["employers"])
        ordinary = None if kind in {"social_organization", "public_institution"} else _ORDINARY[eid % len(_ORDINARY)]
        word, industry, title = trade or ordinary or (None, None, None)
        self.rows["employers"].append({
            "eid": eid, "kind": kind, "category": _CATEGORIES[kind], "trade": word, "industry": industry,
            "industry_name": title, "area": self._area(eid), "registered_on": registered_on, "status": status,
            "status_on": status_on, "owner": owner, "declared": declared,
        })  # fmt: skip
        return eid

    def job(
        self, pid: int, eid: int, *, first: int = _LONG_AGO, last: int = OPEN, wage: float = 7000.0, types: str = "all",
        taxed: str = "wage", base: float | None = None, paid_until: int = OPEN,
    ) -> None:  # fmt: skip
        self.rows["jobs"].append({
            "pid": pid, "eid": eid, "first": first, "last": last, "wage": wage, "types": types, "taxed": taxed,
            "base": base, "paid_until": paid_until,
        })  # fmt: skip

    def staff(self, eid: int, count: int, **job: Any) -> list[int]:
        """So many new employees of good age, with one kind of job."""
        pids = [self.person(28 + (eid + place) % 20, "male" if place % 2 else "female") for place in range(count)]
        for place, pid in enumerate(pids):
            self.job(pid, eid, **({"wage": 6500.0 + 300 * place} | job))
        return pids

    def spell(
        self, pid: int, insurance: str, *, first: int = _LONG_AGO, last: int = OPEN, state: str = "active",
        contributor: str = "resident", eid: int = -1, base: float | None = None, paid_until: int = 0,
    ) -> None:  # fmt: skip
        self.rows["spells"].append({
            "pid": pid, "eid": eid, "insurance": insurance, "first": first, "last": last, "state": state,
            "contributor": contributor, "base": base, "paid_until": paid_until,
        })  # fmt: skip

    def flexible(self, pid: int, *, first: int = _LONG_AGO, paid_until: int = OPEN, **spell: Any) -> None:
        """Self-employed, in pension and medical insurance."""
        self.spell(pid, "110", first=first, contributor="flexible", paid_until=paid_until, **spell)
        self.spell(pid, "310", first=first, contributor="flexible", paid_until=paid_until, **spell)

    def resident(
        self, pid: int, *, first: int = _LONG_AGO, last: int = OPEN, tier: int = 300, medical: bool = True,
        identity: str = "011", on_behalf: bool = False,
    ) -> None:  # fmt: skip
        """In the residents' pension and, unless not `medical`, medical insurance."""
        state = "active" if last == OPEN else "ended"
        self.rows["residents"].append({
            "pid": pid, "first": first, "last": last, "state": state, "identity": identity, "tier": tier,
            "on_behalf": on_behalf,
        })  # fmt: skip
        if medical:
            self.spell(pid, "390", first=first, last=last, state=state)

    def pensioner(self, pid: int, kind: str = "110", *, last: int = OPEN, paid_until: int = LAST) -> None:
        """Draws a pension since 60, or 50; retired in the insurance that pays it, until `last`."""
        person = self.rows["persons"][pid]
        first = number(person["birth"]) + (600 if person["sex"] == "female" and kind == "110" else 720) + 1
        state = "retired" if last == OPEN else "ended"
        if kind == "110":
            self.spell(pid, "110", last=last, state=state, contributor="employee")
            self.spell(pid, "310", last=last, state=state, contributor="employee")
        else:
            self.resident(pid, last=last)
        self.benefit(pid, kind, first=first, last=last, paid_until=paid_until)

    def benefit(self, pid: int, kind: str, *, first: int, last: int = OPEN, paid_until: int = LAST) -> None:
        yuan = {"110": 3210.5, "170": 265.0}.get(kind, 1900.0)
        self.rows["benefits"].append(
            {"pid": pid, "kind": kind, "first": first, "last": last, "yuan": yuan, "paid_until": paid_until}
        )

    def paid(
        self, pid: int, month: int, settled: int, *, kind: str = "31", arrived: bool = True, eid: int = -1,
        base: float = 4416.0,
    ) -> None:  # fmt: skip
        """A contribution for a month, settled in another, of the self-employed or by an employer; 31: back payment."""
        self.rows["paid"].append({
            "pid": pid, "eid": eid, "month": month, "settled": settled, "base": base, "kind": kind, "arrived": arrived,
        })  # fmt: skip

    def fund(self, pid: int, eid: int, paid_until: int = LAST) -> None:
        """In the housing provident fund by the employer."""
        self.rows["fund"].append({"pid": pid, "eid": eid, "base": 6000.0, "paid_until": paid_until})

    def account_closed(self, eid: int) -> None:
        """All its insurance accounts are closed."""
        self.rows["closed"].append({"eid": eid})

    def collected(self, eid: int) -> None:
        """The tax bureau calls its premiums collected, whatever the agency waits for."""
        self.rows["collected"].append({"eid": eid})

    def income(self, pid: int, eid: int, month: int, income: str, yuan: float) -> None:
        self.rows["incomes"].append({"pid": pid, "eid": eid, "month": month, "income": income, "yuan": yuan})

    def low_income(self, *pids: int) -> None:
        """One household."""
        for place, pid in enumerate(pids, start=1):
            self.rows["low_income"].append({
                "certificate": f"DB371082P{pids[0]:07d}", "place": place, "pid": pid, "area": self._area(pid),
            })  # fmt: skip

    def destitute(self, pid: int) -> None:
        self.rows["destitute"].append({"certificate": f"TK371082P{pid:07d}", "pid": pid, "area": self._area(pid)})

    def disabled(self, pid: int, level: int) -> None:
        self.rows["disabled"].append({"pid": pid, "level": level})

    def lifted(self, pid: int) -> None:
        """Out of poverty, and with the policies' support still."""
        self.rows["lifted"].append({"pid": pid})

    def student(self, pid: int, *, first: int = LAST - 25, last: int = LAST + 20, state: str = "in_school") -> None:
        self.rows["students"].append({"pid": pid, "first": first, "last": last, "state": state})

    def sentenced(self, pid: int, on: date, until: date = date(2031, 3, 14), kind: str = "imprisoned") -> None:
        self.rows["sentences"].append({"pid": pid, "kind": kind, "on": on, "until": until})

    def elsewhere(self, pid: int, first: int = FIRST - 30) -> None:
        """Insured in another place by whoever employs there."""
        self.rows["elsewhere"] += [
            {"pid": pid, "insurance": insurance, "first": first, "region": "370202"} for insurance in ("110", "310")
        ]

    def listed(self, eid: int, delivery: str) -> None:
        """On an office's list of employers."""
        self.rows["listings"].append({"delivery": delivery, "eid": eid})

    def on_roll(
        self, pid: int, delivery: str, eid: int = -1, since: date = date(2024, 5, 6), said: str | None = None
    ) -> None:
        """On an office's roll of persons, by whom they work for where it says so."""
        self.rows["rolls"].append({"delivery": delivery, "pid": pid, "eid": eid, "since": since, "said": said})

    def visited(self, pid: int, residence: str, on: date) -> None:
        """What the town found at the door on that day: 在本地, 外出务工, 国外, 空挂户."""
        self.rows["visits"].append({"pid": pid, "on": on, "residence": residence})

    def card(self, pid: int, state: str | None) -> None:
        """The card is in this state (正常, 挂失, 注销), or there is none; else whoever is insured and alive has one."""
        self.rows["cards"].append({"pid": pid, "state": state})

    def site_worker(self, pid: int, code: str, entered: date = date(2026, 9, 7), left: date | None = None) -> None:
        self.rows["workers"].append({"pid": pid, "code": code, "entered": entered, "left": left})

    def project(
        self, eid: int, starts: date, insured: date | None, finished: date | None = None,
        insured_until: date = date(2028, 6, 30),
    ) -> str:  # fmt: skip
        serial = len(self.rows["projects"])
        code = f"3710829{serial:09d}"
        ends = date(2028, 6, 30)
        self.rows["projects"].append({
            "code": code, "name": f"荣成市示例工程{serial + 1}号", "eid": eid, "cost": 12_000_000, "starts": starts,
            "ends": ends, "finished": finished, "area": self._area(serial), "sector": "房建",
            "declared": "是" if insured else "否",
        })  # fmt: skip
        if insured:
            self.rows["policies"].append(
                {"code": code, "certificate": f"GS{code}", "insured": insured, "starts": insured, "ends": insured_until}
            )
        return code

    def city(self) -> City:
        """The planted part of the city. Whoever owns an employer without being said to is insured as an employee."""
        tables = {name: pl.DataFrame(rows, schema=SCHEMAS[name]) for name, rows in self.rows.items()}
        employers = tables["employers"]
        drawn = with_trade(employers.drop("trade", "industry", "industry_name", "category"), self.chance)
        insured = tables["jobs"].filter(pl.col("types").is_in(_PENSIONED) & (pl.col("last") == OPEN))
        anyone = pl.lit(insured["pid"]).gather(pl.col("eid") % len(insured))
        owners = insured.group_by("eid", maintain_order=True).agg(pl.col("pid").first().alias("first"))
        tables["employers"] = (
            employers.join(drawn.select("eid", "trade", "industry", "industry_name"), on="eid", suffix="_drawn",
                           how="left", maintain_order="left")
            .join(owners, on="eid", how="left", maintain_order="left")
            .with_columns(
                pl.coalesce("trade", "trade_drawn").alias("trade"),
                pl.coalesce("industry", "industry_drawn").alias("industry"),
                pl.coalesce("industry_name", "industry_name_drawn").alias("industry_name"),
                pl.coalesce("owner", "first").fill_null(anyone).alias("owner"),
            )
        )  # fmt: skip
        return city(**tables)

    @staticmethod
    def _area(serial: int) -> str:
        return list(AREAS)[serial % len(AREAS)]
