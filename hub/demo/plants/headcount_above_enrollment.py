"""U04: more people paid wages than enrolled."""

from hub.demo.months import LAST, YEAR
from hub.demo.planting import Planting


def plant(pad: Planting, turn: int) -> None:  # noqa: C901  # one case after the other
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
