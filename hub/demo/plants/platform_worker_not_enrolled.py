"""P21: work flexibly or on a platform, and are in no pension insurance."""

from datetime import date

from hub.demo.planting import Planting

DRIVER, TRADER = "transport/ride_hailing_driver", "commerce/shop_owner"


def plant(pad: Planting, turn: int) -> None:

    def found(pid: int, why: str) -> None:
        pad.case("P21", "found", ("person", pid), why)
        pad.case("P01", "found", ("person", pid), f"{why}, of working age and insured nowhere")

    def missed(pid: int, why: str, roll: str = DRIVER) -> None:
        pad.on_roll(pid, roll)
        pad.case("P21", "not_found", ("person", pid), why)

    driver = pad.person(36 + turn % 9, role="none")
    pad.on_roll(driver, DRIVER)
    found(driver, "drives for a platform")
    trader = pad.person(28 + turn % 9, "female", role="none")
    pad.on_roll(trader, TRADER)
    found(trader, "sells on a platform, without a business")
    owner = pad.person(34 + turn % 9, role="none")
    shop = pad.employer("individual_business", registered_on=date(2021, 5, 6), declared=1, owner=owner)
    found(owner, "owns a business without employees")
    pad.case("P13", "found", ("person", owner), "owns a business and is in no employee pension")
    pad.case("U22", "unknown", ("employer", shop), "an individual business of which no employee is known")

    flexible = pad.person(40, role="flexible")
    pad.flexible(flexible)
    missed(flexible, "drives, and pays as self-employed")
    resident = pad.person(48, role="resident")
    pad.resident(resident)
    missed(resident, "drives, in the residents' pension")
    works = pad.employer()
    missed(pad.staff(works, 4)[0], "sells beside being employed and enrolled", TRADER)
    unpaid = pad.person(34, role="none")
    pad.job(unpaid, works, types="none", wage=5200)
    pad.case("P01", "found", ("person", unpaid), "paid a wage and insured nowhere")
    missed(unpaid, "drives, and is paid a wage by an employer, who is to enroll him")
    student = pad.person(20, role="none")
    pad.student(student)
    pad.case("P19", "found", ("person", student), "a student in no medical insurance", "student")
    missed(student, "a student who sells on a platform", TRADER)
    commuter = pad.person(37, role="none")
    pad.elsewhere(commuter)
    missed(commuter, "drives, insured in another place")

    woman = pad.person(53, "female", role="none")
    pad.on_roll(woman, TRADER)
    pad.case("P21", "unknown", ("person", woman), "a woman of 50 to 58: perhaps retired")
    pad.case("P01", "unknown", ("person", woman), "a woman of 50 to 58: perhaps retired")
    pad.case("P04", "found", ("person", woman), "53 and in no pension, whatever her trade")
