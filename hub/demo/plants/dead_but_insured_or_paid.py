"""P12: paid to the dead, or paid by them."""

from datetime import date

from hub.demo.months import YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:
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
    pad.case("Q01", "found", ("person", burnt), "cremated, and the card is in force", "card_of_gone")
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
