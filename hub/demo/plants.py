"""What is planted: for every rule cases to find, near misses not to, and what it can only call unknown. No I/O.

One function a rule; each is called `times` over with `turn` counting up, so that places, months and sizes vary. A case
that other rules see too says so in each rule's name.
"""

from collections.abc import Callable
from datetime import date, timedelta

from hub.demo.chance import Chance
from hub.demo.model import UNTOLD
from hub.demo.months import FIRST, LAST, YEAR
from hub.demo.planting import Planting, Verdict

ALONE = "an individual business of which no employee is known: perhaps it has none, and then it is not obliged"


def plant(persons: int, chance: Chance) -> Planting:
    """Three of every kind, one more for each ten thousand persons above thirty thousand."""
    pad = Planting(chance)
    for turn in range(max(3, persons // 10_000)):
        for rule in RULES.values():
            rule(pad, turn)
    return pad


def _u01(pad: Planting, turn: int) -> None:
    """Registered, but nobody enrolled."""

    def found(eid: int, why: str) -> None:
        pad.case("U01", "found", ("employer", eid), why)

    def missed(eid: int, why: str) -> None:
        pad.case("U01", "not_found", ("employer", eid), why)

    def unknown(eid: int, why: str) -> None:
        pad.case("U01", "unknown", ("employer", eid), why)

    found(pad.employer(registered_on=date(2026, 1 + turn % 8, 5), declared=4), "months after its registration")
    found(pad.employer(registered_on=date(2019, 5, 1), declared=6), "registered years ago")
    found(pad.employer("cooperative", registered_on=date(2024, 3, 8), declared=5), "a cooperative")
    found(pad.employer("social_organization", registered_on=date(2023, 9, 1), declared=3), "a social organization")
    shop = pad.employer("individual_business", registered_on=date(2024, 4, 1), declared=3)
    for pid in pad.staff(shop, 3, types="none", wage=4800):
        pad.resident(pid)
    found(shop, "an individual business that pays wages to others than its owner")
    found(pad.employer(registered_on=date(2026, 10, 1), declared=2), "its thirty days ended with October")
    unknown(pad.employer(registered_on=date(2026, 10, 2), declared=2), "its thirty days ended after October")
    unknown(pad.employer(registered_on=date(2026, 10, 21), declared=2), "registered 31 days ago, judged by October")
    missed(pad.employer(registered_on=date(2026, 10, 22), declared=2), "registered 30 days ago")
    missed(pad.employer(registered_on=date(2026, 10, 23), declared=2), "registered 29 days ago")
    unknown(pad.employer("individual_business", registered_on=date(2020, 4, 1), declared=0), ALONE)
    missed(
        pad.employer(registered_on=date(2018, 1, 5), declared=0, status="cancelled", status_on=date(2026, 6, 9)),
        "cancelled",
    )
    missed(
        pad.employer(registered_on=date(2017, 1, 5), declared=0, status="revoked", status_on=date(2025, 6, 9)),
        "revoked",
    )
    new = pad.employer(registered_on=date(2026, 9, 2))
    pad.staff(new, 2, first=YEAR + 8)
    missed(new, "enrolled its first employees in the month of its registration")


def _u04(pad: Planting, turn: int) -> None:  # noqa: C901  # one case after the other
    """More people paid wages than enrolled."""
    short = pad.employer()
    pad.staff(short, 6 + turn % 3)
    for pid in pad.staff(short, 5, types="none"):
        pad.resident(pid)
    pad.case("U04", "found", ("employer", short), "five of its staff are paid wages and not enrolled")

    rehired = pad.employer()
    pad.staff(rehired, 5)
    for place in range(4):
        pid = pad.person(66 + place, role="pensioner")
        pad.pensioner(pid)
        pad.job(pid, rehired, types="none", first=YEAR - 6, wage=3600)
    pad.case("U04", "not_found", ("employer", rehired), "those not enrolled are retired and were hired again")

    service = pad.employer()
    pad.staff(service, 5)
    for pid in pad.staff(service, 4, types="none", taxed="labor_service"):
        pad.resident(pid)
    pad.case("U04", "not_found", ("employer", service), "those not enrolled have labor-service income only")

    second, home = pad.employer(), pad.employer()
    pad.staff(second, 5)
    for pid in pad.staff(home, 5):
        pad.job(pid, second, types="none", wage=2000)
    pad.case("U04", "not_found", ("employer", second), "those not enrolled are enrolled by another employer")

    posted = pad.employer()
    pad.staff(posted, 5)
    for pid in pad.staff(posted, 4, types="none"):
        pad.elsewhere(pid)
    pad.case("U04", "not_found", ("employer", posted), "those not enrolled are insured in another place")

    hiring = pad.employer()
    pad.staff(hiring, 6)
    for pid in pad.staff(hiring, 4, types="none", first=LAST):
        pad.resident(pid)
    pad.case("U04", "not_found", ("employer", hiring), "those not enrolled were hired within thirty days")

    prompt = pad.employer()
    pad.staff(prompt, 4)
    for pid in pad.staff(prompt, 4, types="none", first=LAST - 1, last=LAST - 1):
        pad.resident(pid, last=LAST - 1)
        pad.job(pid, prompt, first=LAST)
    pad.case("U04", "not_found", ("employer", prompt), "hired in September, enrolled in October")

    open_question = pad.employer()
    pad.staff(open_question, 4)
    doubtful = pad.staff(open_question, 2, types="none")
    for age, sex in ((52, "female"), (20, "male")):
        doubtful.append(pad.person(age, sex))
        pad.job(doubtful[-1], open_question, types="none", first=YEAR, wage=5200)
    for pid in doubtful:
        pad.resident(pid)
    pad.student(doubtful[-1])
    pad.case("U04", "unknown", ("employer", open_question), "two, a woman of 52, and a student, who does not count")

    holidays = pad.employer()
    pad.staff(holidays, 4)
    for place in range(4):
        pid = pad.person(19 + place, role="resident")
        pad.job(pid, holidays, types="none", first=LAST - 3, wage=3000)
        pad.resident(pid)
        pad.student(pid)
    pad.case("U04", "not_found", ("employer", holidays), "those not enrolled are students")


def _u05(pad: Planting, turn: int) -> None:
    """Contribution bases below wages."""
    low = pad.employer()
    pad.staff(low, 6, wage=9000 + 100 * (turn % 7), base=5000)
    pad.case("U05", "found", ("employer", low), "bases of 5,000 yuan, wages of about 9,000 the year before")

    rich = pad.employer()
    pad.staff(rich, 4, wage=38_000)
    pad.case("U05", "not_found", ("employer", rich), "wages above the ceiling, bases at it")

    poor = pad.employer()
    pad.staff(poor, 2, wage=3200)
    pad.staff(poor, 2, wage=8000)
    pad.case("U05", "not_found", ("employer", poor), "wages below the floor, bases at it")

    bonus = pad.employer()
    for pid in pad.staff(bonus, 4, wage=6200):
        pad.income(pid, bonus, YEAR - 1, "bonus", 50_000)
    pad.case("U05", "not_found", ("employer", bonus), "large bonuses last year, which are left out")
    near = pad.employer()
    pad.staff(near, 4, wage=8000, base=6800)
    pad.case("U05", "not_found", ("employer", near), "bases an eighth below the wages: no great difference")
    untold = pad.employer()
    pad.staff(untold, 4, base=UNTOLD)
    pad.case("U05", "unknown", ("employer", untold), "the contributions do not tell the bases")


def _u06(pad: Planting, turn: int) -> None:
    """Everyone at the floor."""
    floor = pad.employer()
    pad.staff(floor, 5 + turn % 3, wage=4300)
    pad.case("U06", "found", ("employer", floor), "all insured at the floor; their wages are no higher")

    hidden = pad.employer()
    pad.staff(hidden, 6, wage=9500, base=4416)
    pad.case("U06", "found", ("employer", hidden), "all insured at the floor, though wages are twice as high")
    pad.case("U05", "found", ("employer", hidden), "bases at the floor, wages twice as high")

    small = pad.employer()
    pad.staff(small, 2, wage=4200)
    pad.case("U06", "not_found", ("employer", small), "two at the floor are too few to say anything")

    mixed = pad.employer()
    pad.staff(mixed, 5, wage=4200)
    pad.staff(mixed, 1, wage=8200)
    pad.case("U06", "not_found", ("employer", mixed), "one of six is above the floor")
    untold = pad.employer()
    pad.staff(untold, 4, wage=4200)
    pad.staff(untold, 1, wage=4200, base=UNTOLD)
    pad.case("U06", "unknown", ("employer", untold), "the base of one of five is not told")


def _u07(pad: Planting, turn: int) -> None:
    """Some insurances, not all."""
    for types, why in (
        ("no_injury", "no injury insurance"),
        ("no_unemployment", "no unemployment insurance"),
        ("pension_medical", "pension and medical insurance only"),
    ):
        eid = pad.employer(trade=("机械制造", "3499", "其他未列明通用设备制造业"))
        pad.staff(eid, 4 + turn % 2, types=types)
        pad.case("U07", "found", ("employer", eid), why)

    whole = pad.employer()
    pad.staff(whole, 4)
    pad.case("U07", "not_found", ("employer", whole), "every insurance")
    couriers = pad.employer(trade=("快递服务", "6020", "快递服务"))
    for pid in pad.staff(couriers, 4, types="injury"):
        pad.resident(pid)
    pad.case("U07", "not_found", ("employer", couriers), "a courier outlet, in injury insurance first")
    helped = pad.employer()
    for place in range(3):
        pid = pad.person(65 + place, role="pensioner")
        pad.pensioner(pid)
        pad.job(pid, helped, types="injury", first=YEAR, wage=3800)
    pad.case("U07", "not_found", ("employer", helped), "injury insurance for pensioners hired again, no others")


def _u12(pad: Planting, turn: int) -> None:
    """Construction begun without injury insurance."""
    builder = pad.employer(trade=("建筑工程", "4710", "住宅房屋建筑"))
    pad.staff(builder, 5)
    begun = date(2026, 2 + turn % 6, 10)

    def project(
        verdict: Verdict, why: str, insured: date | None = None, starts: date = begun, finished: date | None = None
    ) -> None:
        pad.case("U12", verdict, ("project", pad.project(builder, starts, insured, finished)), why)

    project("found", "begun, and never insured")
    project("found", "begun this month and not insured", starts=date(2026, 10, 8))
    project("found", "insured twenty days after work began", begun + timedelta(days=20))
    project("not_found", "insured on the day work began", begun)
    project("not_found", "insured before work began", date(2026, 1, 20))
    project("not_found", "work has not begun", starts=date(2027, 3, 1))
    project("not_found", "begun before there was the duty", starts=date(2023, 12, 20))
    project("not_found", "finished", starts=date(2025, 2, 1), finished=date(2026, 6, 30))
    project("unknown", "begun after the last certificates delivered", starts=date(2026, 11, 5))


def _p01(pad: Planting, turn: int) -> None:  # noqa: PLR0915  # one case after the other
    """Of working age and insured nowhere."""

    def found(pid: int, why: str) -> None:
        pad.case("P01", "found", ("person", pid), why)

    def missed(pid: int, why: str) -> None:
        pad.case("P01", "not_found", ("person", pid), why)

    found(pad.person(31 + turn % 15, role="none"), "a man of working age, insured nowhere")
    found(pad.person(27 + turn % 15, "female", role="none"), "a woman under fifty, insured nowhere")
    found(pad.person(58, role="none"), "a man of 58, insured nowhere")

    missed(pad.person(14, role="child"), "under sixteen")
    retired = pad.person(67, role="pensioner")
    pad.pensioner(retired)
    missed(retired, "draws a pension")
    early = pad.person(57, "female", role="pensioner")
    pad.pensioner(early)
    missed(early, "a woman of 57 who draws a pension")
    dead = pad.person(44, role="none")
    pad.gone(dead, "dead", date(2025, 3 + turn % 9, 9))
    missed(dead, "dead")
    moved = pad.person(33, role="none")
    pad.gone(moved, "moved_out", date(2025, 5, 9))
    missed(moved, "moved out")
    abroad = pad.person(36, role="none")
    pad.gone(abroad, "emigrated", date(2025, 6, 9))
    missed(abroad, "settled abroad")
    soldier = pad.person(20, role="none")
    pad.gone(soldier, "enlisted", date(2025, 9, 10))
    missed(soldier, "a soldier")
    flexible = pad.person(39, role="flexible")
    pad.flexible(flexible)
    missed(flexible, "self-employed and insured as such")
    resident = pad.person(45, "female", role="resident")
    pad.resident(resident)
    missed(resident, "in the residents' pension")
    hired = pad.person(24, role="employee")
    eid = pad.employer()
    pad.staff(eid, 3)
    pad.job(hired, eid, first=LAST)
    missed(hired, "hired and enrolled this month")

    woman = pad.person(53 + turn % 4, "female", role="none")
    pad.case("P01", "unknown", ("person", woman), "a woman of 50 to 58: the age she retires at depends on her post")
    found(pad.person(20, role="none"), "twenty, insured nowhere and on no school's list")
    graduate = pad.person(23, role="none")
    pad.student(graduate, first=LAST - 49, last=LAST - 4, state="graduated")
    found(graduate, "graduated in June, insured nowhere since")
    student = pad.person(20 + turn % 3, role="none")
    pad.student(student)
    missed(student, "a student")
    prisoner = pad.person(34 + turn % 9, role="none")
    pad.sentenced(prisoner, date(2024, 3, 15))
    missed(prisoner, "in prison")
    corrected = pad.person(36 + turn % 9, role="none")
    pad.sentenced(corrected, date(2025, 3, 15), kind="community")
    found(corrected, "under correction in the community, which keeps nobody from being insured")
    commuter = pad.person(32 + turn % 9, role="none")
    pad.elsewhere(commuter)
    missed(commuter, "registered here, insured where he works")
    left = pad.person(35, role="none")
    pad.spell(left, "110", first=2012 * 12, last=2021 * 12, state="ended", contributor="employee")
    pad.case("P01", "unknown", ("person", left), "an enrollment that ended years ago: perhaps insured elsewhere")


def _p02(pad: Planting, turn: int) -> None:  # noqa: PLR0915  # one case after the other
    """Contributions broken off."""

    def flexible(paid_until: int, age: int = 38) -> int:
        pid = pad.person(age + turn % 8, role="flexible")
        pad.flexible(pid, paid_until=paid_until)
        return pid

    def missed(pid: int, why: str) -> None:
        pad.case("P02", "not_found", ("person", pid), why)

    stopped = flexible(YEAR + turn % 2)
    pad.case("P02", "found", ("person", stopped), "self-employed, nothing paid since the beginning of the year")
    long = flexible(FIRST + 3)
    pad.case("P02", "found", ("person", long), "self-employed, nothing paid for a year and a half")

    edge = flexible(LAST - 7)
    pad.case("P02", "found", ("person", edge), "the sixth month without contribution is September, the last mature one")
    never = flexible(0)
    pad.case("P02", "found", ("person", never), "insured, and nothing paid in all the months delivered")
    long_ago = flexible(FIRST + 5)
    pad.paid(long_ago, FIRST + 6, LAST - 1)
    pad.case("P02", "found", ("person", long_ago), "a back payment, for a month of the year before")

    missed(flexible(LAST - 2), "the last month is immature")
    missed(flexible(LAST - 6), "five mature months")
    back = flexible(YEAR)
    for month in range(YEAR + 1, LAST):
        pad.paid(back, month, LAST)
    missed(back, "paid back in October for the months before")
    died = pad.person(52, role="flexible")
    pad.flexible(died, paid_until=YEAR, last=YEAR, state="ended")
    pad.gone(died, "dead", date(2026, 1, 20))
    missed(died, "dead since")
    retired = pad.person(64, role="pensioner")
    pad.pensioner(retired)
    missed(retired, "draws a pension since")
    switched = pad.person(41, "female", role="resident")
    pad.spell(switched, "110", last=YEAR, state="ended", contributor="flexible", paid_until=YEAR)
    pad.resident(switched, first=YEAR + 1)
    missed(switched, "went over to the residents' pension")
    before, after = pad.employer(), pad.employer()
    mover = pad.staff(before, 4)[0]
    pad.rows["jobs"][-4]["last"] = YEAR + 2
    pad.job(mover, after, first=YEAR + 4)
    pad.staff(after, 3)
    missed(mover, "a month between two employers")
    prisoner = flexible(YEAR)
    pad.sentenced(prisoner, date(2026, 1, 20))
    missed(prisoner, "in prison since")
    student = flexible(YEAR, 24)
    pad.student(student, first=YEAR + 1, last=LAST + 29)
    missed(student, "went back to school")
    gone = pad.person(35 + turn % 8, role="flexible")
    pad.flexible(gone, state="suspended", paid_until=YEAR)
    pad.elsewhere(gone, YEAR + 1)
    missed(gone, "works and is insured elsewhere since")
    unemployed = pad.person(37, role="none")
    pad.spell(unemployed, "110", state="suspended", contributor="flexible", paid_until=YEAR + 1)
    pad.benefit(unemployed, "210", first=YEAR + 2)
    missed(unemployed, "draws unemployment benefit")

    def unknown(pid: int, why: str) -> None:
        pad.case("P02", "unknown", ("person", pid), why)

    woman = pad.person(52 + turn % 4, "female", role="flexible")
    pad.flexible(woman, paid_until=YEAR)
    unknown(woman, "a woman of 50 to 58: perhaps retired")
    stranger = pad.person(40, role="flexible", registered=False)
    pad.flexible(stranger, paid_until=YEAR)
    unknown(stranger, "not in the population register: perhaps insured elsewhere")
    arrears = flexible(YEAR)
    for month in range(YEAR + 1, LAST + 1):
        pad.paid(arrears, month, month, kind="10", arrived=False)
    unknown(arrears, "contributions were assessed and did not arrive")


def _p06(pad: Planting, turn: int) -> None:  # noqa: PLR0915  # one case after the other
    """In hardship and not registered with any pension."""
    head = pad.person(42 + turn % 9, role="none")
    wife = pad.person(40 + turn % 9, "female", role="resident")
    child = pad.person(11, role="child")
    pad.spell(child, "390", first=LAST - 60)
    pad.resident(wife, identity="061", tier=100, on_behalf=True)
    pad.low_income(head, wife, child)
    pad.case("P06", "found", ("person", head), "low income, insured nowhere")
    pad.case("P01", "found", ("person", head), "of working age and insured nowhere, whatever his income")
    pad.case("P06", "not_found", ("person", wife), "low income, in the residents' pension, paid on her behalf")
    pad.case("P06", "not_found", ("person", child), "a child in a low-income household")

    lone = pad.person(50, role="none")
    pad.destitute(lone)
    pad.case("P06", "found", ("person", lone), "destitute, insured nowhere")
    pad.case("P01", "found", ("person", lone), "of working age and insured nowhere")

    degrees: tuple[tuple[int, Verdict], ...] = ((1, "found"), (2, "found"), (3, "not_found"))
    for level, verdict in degrees:
        disabled = pad.person(33 + 4 * level, "female", role="none")
        pad.disabled(disabled, level)
        pad.case("P06", verdict, ("person", disabled), f"a disability of level {level}, insured nowhere")
        pad.case("P01", "found", ("person", disabled), "of working age and insured nowhere")
    helped = pad.person(46, role="resident")
    pad.resident(helped, identity="021", tier=100, on_behalf=True)
    pad.disabled(helped, 1)
    pad.case("P06", "not_found", ("person", helped), "severely disabled, in the residents' pension")
    lifted = pad.person(38 + turn % 9, role="none")
    pad.lifted(lifted)
    pad.case("P06", "found", ("person", lifted), "lifted out of poverty, insured nowhere")
    pad.case("P01", "found", ("person", lifted), "of working age and insured nowhere")

    old = pad.person(71, "female", role="none")
    pad.low_income(old)
    pad.case("P06", "found", ("person", old), "low income and past sixty: draws nothing, insured nowhere")
    woman = pad.person(54, "female", role="none")
    pad.low_income(woman)
    pad.case("P06", "found", ("person", woman), "low income, insured nowhere, whatever the age she retires at")
    pad.case("P01", "unknown", ("person", woman), "a woman of 50 to 58")
    young = pad.person(19, role="none")
    pad.low_income(young)
    pad.case("P06", "found", ("person", young), "low income, nineteen and on no school's list")
    pad.case("P01", "found", ("person", young), "nineteen, insured nowhere and on no school's list")

    student = pad.person(20, role="none")
    pad.student(student)
    prisoner = pad.person(39 + turn % 9, role="none")
    pad.sentenced(prisoner, date(2025, 5, 12))
    commuter = pad.person(30 + turn % 9, role="none")
    pad.elsewhere(commuter)
    for pid, why in ((student, "at school"), (prisoner, "in prison"), (commuter, "insured where he works")):
        pad.low_income(pid)
        pad.case("P06", "not_found", ("person", pid), f"low income, {why}")

    worker = pad.person(35, role="employee")
    eid = pad.employer()
    pad.staff(eid, 3)
    pad.job(worker, eid, wage=5000)
    pad.low_income(worker)
    pad.case("P06", "not_found", ("person", worker), "low income, and insured by an employer")
    elder = pad.person(74, role="elder")
    pad.pensioner(elder, "170")
    pad.destitute(elder)
    pad.case("P06", "not_found", ("person", elder), "destitute, and draws the residents' pension")


def _p10(pad: Planting, turn: int) -> None:
    """Twice in the same kind of insurance."""
    eid = pad.employer()
    both, pension, *_ = pad.staff(eid, 5)
    pad.resident(both)
    pad.case("P10", "found", ("person", both), "employees' and residents' insurance at once", "pension", "medical")
    pad.resident(pension, medical=False)
    pad.case("P10", "found", ("person", pension), "two pensions at the same time", "pension")
    medical = pad.person(47 + turn % 6, role="flexible")
    pad.flexible(medical)
    pad.spell(medical, "390")
    pad.case("P10", "found", ("person", medical), "two medical insurances at the same time", "medical")

    crossed = pad.person(30, role="employee")
    pad.resident(crossed, last=YEAR + 1)
    pad.job(crossed, eid, first=YEAR + 2)
    pad.case("P10", "not_found", ("person", crossed), "left the residents' insurance the month before being hired")
    two, other = pad.person(33, role="employee"), pad.employer()
    pad.staff(other, 3)
    pad.job(two, eid, last=YEAR + 4)
    pad.job(two, other, first=YEAR + 5)
    pad.case("P10", "not_found", ("person", two), "two employers, one after the other")
    retired = pad.person(66, role="pensioner")
    pad.pensioner(retired)
    pad.resident(retired, medical=False)
    pad.case("P10", "not_found", ("person", retired), "retired from the employees' pension, which is not active")
    new = pad.person(29, role="employee")
    pad.resident(new, medical=False)
    pad.job(new, eid, first=LAST)
    pad.case("P10", "unknown", ("person", new), "hired this month: the end may not be entered yet", "pension")


def _p12(pad: Planting, turn: int) -> None:
    """Paid to the dead, or paid by them."""
    month = 2 + turn % 5
    on = date(2026, month, 14)

    drawing = pad.person(78, role="pensioner")
    pad.pensioner(drawing)
    pad.gone(drawing, "dead", on)
    pad.case("P12", "found", ("person", drawing), "a pension paid out months after the death", "benefit")
    burnt = pad.person(81, "female", role="elder")
    pad.pensioner(burnt, "170")
    pad.cremated(burnt, on)
    pad.case("P12", "found", ("person", burnt), "cremated, still paid, and nobody has told the police", "benefit")
    insured = pad.person(49, role="flexible")
    pad.flexible(insured)
    pad.gone(insured, "dead", on)
    pad.case("P12", "found", ("person", insured), "contributions and insurance long after the death", "contribution")

    last = YEAR + month - 1
    ended = pad.person(79, role="pensioner")
    pad.pensioner(ended, last=last, paid_until=last)
    pad.gone(ended, "dead", on)
    pad.case("P12", "not_found", ("person", ended), "paid for the month of the death, then ended")
    same = pad.person(83, "female", role="elder")
    pad.pensioner(same, "170")
    pad.cremated(same, date(2026, 10, 26))
    pad.case("P12", "not_found", ("person", same), "cremated this month, paid this month")
    debt = pad.person(55, role="flexible")
    pad.flexible(debt, last=last, state="ended", paid_until=last - 2)
    pad.gone(debt, "dead", on)
    pad.paid(debt, last - 1, last + 1)
    pad.case("P12", "not_found", ("person", debt), "a debt of the time before the death, settled after it")


RULES: dict[str, Callable[[Planting, int], None]] = {
    "U01": _u01, "U04": _u04, "U05": _u05, "U06": _u06, "U07": _u07, "U12": _u12,
    "P01": _p01, "P02": _p02, "P06": _p06, "P10": _p10, "P12": _p12,
}  # fmt: skip
