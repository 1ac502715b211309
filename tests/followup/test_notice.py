"""Notices: written once about what is open, served once, due on a working day, withdrawn when the finding falls."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from jinja2 import UndefinedError
from world import LI, MONDAY, OFFICE, P02, RULES, U01, WANG, World

from hub.audit.event import Kind
from hub.checks import Rule
from hub.errors import FollowupError
from hub.followup import clearing, letter, notice
from hub.followup.letter import KINDS
from hub.followup.notice import Issued


def issue(world: World, rule: Rule = U01, kind: str = "notification", **more: Any) -> Sequence[Issued]:
    values = {"office": OFFICE, "officer": WANG, "region": "150300", "at": MONDAY, "workdays": 10}
    with world.engine.begin() as connection:
        return notice.issue(connection, rule, kind, keyring=world.keyring, signer=world.signer, **(values | more))


def serve(
    world: World, number: str, on: date = date(2026, 3, 3), how: str = "post", at: datetime | None = None
) -> date:
    with world.engine.begin() as connection:
        at = at or MONDAY + timedelta(days=30)
        return notice.serve(connection, number, on=on, how=how, officer=WANG, at=at, signer=world.signer)


def opened(world: World, number: str) -> dict[str, Any]:
    with world.engine.begin() as connection:
        return notice.opened(connection, number, officer=WANG, keyring=world.keyring, signer=world.signer)


def settle(world: World) -> clearing.Settled:
    with world.engine.begin() as connection:
        return clearing.settle(connection, at=MONDAY + timedelta(days=2), signer=world.signer)


def states(world: World) -> list[str]:
    return [row[0] for row in world.database.execute("select state from notice order by number")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_says_to_whom_why_on_which_basis_and_by_when(world: World, kind: str) -> None:
    world.find(world.employer(), days_registered=120, employees_taxed=4)
    (one,) = issue(world, kind=kind)
    text = opened(world, one.number)["letter"]
    for said in (
        "荣成示例渔业有限公司", "已注册未参保", "社会保险法 第五十七条", "10个工作日", OFFICE.name, WANG.name, WANG.position,
        "登记成立天数", "120", "不是行政决定", "如与实际不符", KINDS[kind][0], one.number, "2026年3月2日", OFFICE.contact,
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    ("region", "own", "others"),
    [("371082", ["荣政办发"], ["乌海"]), ("150300", ["乌海政发"], ["荣政办发"]), ("320900", [], ["荣政办发", "乌海"])],
)
def test_a_letter_cites_what_holds_here_and_no_other_citys_policy(
    world: World, region: str, own: list[str], others: list[str]
) -> None:
    world.find(world.employer())
    (one,) = issue(world, region=region)
    text = opened(world, one.number)["letter"]
    assert all(name in text for name in [*own, "社会保险法 第五十七条"])
    assert not any(name in text for name in others)


def test_no_letter_goes_out_without_a_basis(world: World) -> None:
    world.find(world.person(), P02)
    with pytest.raises(FollowupError, match="rests on nothing that holds in 320900"):
        issue(world, P02, "reminder_letter", region="320900")


def test_what_an_official_is_told_to_do_is_not_told_to_the_addressee(world: World) -> None:
    world.find(world.person(), P02)
    text = opened(world, issue(world, P02, "reminder_letter")[0].number)["letter"]
    assert "在所有单位（含灵活就业）连续中断缴费达到规定月数。" in text
    assert "先核实" not in text


def test_every_document_that_a_rule_rests_on_is_known_to_hold_somewhere() -> None:
    known = letter._documents()
    names = (*known["china"]["documents"], *(name for one in known["regions"].values() for name in one))
    for rule in RULES.values():
        for one in rule.basis:
            assert one.startswith(names), f"{rule.name}: name '{one}' in hub/followup/documents.toml"


def test_only_a_demand_that_can_lead_to_the_list_warns_of_it(world: World) -> None:
    world.find(world.employer())
    warned = {kind: "严重失信名单" in opened(world, issue(world, kind=kind)[0].number)["letter"] for kind in KINDS}
    assert warned == {"notification": True, "rectification": True, "reminder_letter": False, "interview": False}
    world.find(world.employer(), RULES["project_not_insured"])
    (no_ground,) = issue(world, RULES["project_not_insured"])
    assert "严重失信名单" not in opened(world, no_ground.number)["letter"]


def test_what_an_employer_calls_itself_is_no_markup(world: World) -> None:
    world.find(world.employer("<script>alert(1)</script>公司"))
    text = opened(world, issue(world)[0].number)["letter"]
    assert "&lt;script&gt;" in text
    assert "<script>" not in text


def test_every_letter_fails_where_a_value_is_missing() -> None:
    for kind in KINDS:
        with pytest.raises(UndefinedError):
            letter.rendered(f"{kind}.html", {"number": "1"})


def test_figures_are_said_in_chinese_and_those_without_a_name_not_at_all() -> None:
    said = letter.figures(
        {"insurances_lacking": "injury, unemployment", "month": "2026-02-01", "share_short": 0.25, "unnamed": 3,
         "certainty": "to_be_checked", "staff": None}
    )  # fmt: skip
    assert said == [
        ("比对月份", "2026年2月"), ("未参加险种", "工伤保险、失业保险"), ("差额占工资收入比例", "25.0%"), ("比对结果", "待核实"),
    ]  # fmt: skip


def test_a_figure_in_other_words_is_said_as_it_is() -> None:
    assert letter.figures({"month": "each", "insurances": "injury, of another kind"}) == [
        ("比对月份", "each"), ("已参加险种", "injury, of another kind"),
    ]  # fmt: skip


def test_numbers_run_through_the_year_by_kind_and_a_notice_is_written_once(world: World) -> None:
    for _ in range(2):
        world.find(world.employer())
    assert [one.number for one in issue(world)] == ["荣人社告知〔2026〕1号", "荣人社告知〔2026〕2号"]
    assert issue(world) == []
    world.find(world.employer())
    assert [one.number for one in issue(world)] == ["荣人社告知〔2026〕3号"]
    assert issue(world, kind="interview", most=1)[0].number == "荣人社约谈〔2026〕1号"
    later = datetime(2027, 1, 4, 2, tzinfo=UTC)
    world.find(world.employer())
    assert [one.number for one in issue(world, at=later)] == ["荣人社告知〔2027〕1号"]
    assert world.kinds().count(Kind.notices_issued) == 4


def test_who_is_meant_can_be_narrowed_down(world: World) -> None:
    here, there = world.find(world.employer(), area="371082101"), world.find(world.employer(), area="371082102")
    assert [one.finding_id for one in issue(world, area="371082102")] == [there]
    assert [one.finding_id for one in issue(world, findings=[here, there])] == [here]


@pytest.mark.parametrize("state", ["cleared", "unknown"])
def test_nobody_gets_a_notice_about_what_is_not_open(world: World, state: str) -> None:
    world.judge(world.find(world.employer()), state, world.run())
    assert issue(world) == []


def test_no_term_is_invented(world: World) -> None:
    world.find(world.employer())
    with pytest.raises(FollowupError, match="notice_workdays has no value for a notification in 150300") as refused:
        issue(world, workdays=None)
    assert "--workdays" in refused.value.hint
    assert world.database.execute("select count(*) from notice_number") == [(0,)]


def test_an_error_in_a_delivery_is_nobodys_duty(world: World) -> None:
    with pytest.raises(FollowupError, match="finds errors in deliveries"):
        issue(world, RULES["differs_from_register"])


def test_a_person_is_called_by_the_name_that_rests_sealed_and_no_log_says_it(world: World) -> None:
    world.find(world.person("欧阳示例"), P02, last_month_paid="2025-08-01")
    (one,) = issue(world, P02, "reminder_letter")
    assert one.phone == "13800000000"
    said = opened(world, one.number)
    assert "欧阳示例" in said["letter"]
    assert said["address"] == "示例村2号"
    ((sealed, rest),) = world.database.execute("select sealed, (to_jsonb(n) - 'sealed')::text from notice n")
    for secret in ("欧阳示例", "13800000000", "示例村2号"):
        assert secret not in rest
        assert secret.encode() not in bytes(sealed)
        assert secret not in world.leaves()


def test_the_digest_kept_is_that_of_the_letter_with_its_salt(world: World) -> None:
    world.find(world.employer())
    (one,) = issue(world)
    said = opened(world, one.number)
    ((digest,),) = world.database.execute("select text_digest from notice")
    assert digest == sha256((said["salt"] + said["letter"]).encode()).hexdigest()


def test_the_days_begin_with_service_and_end_on_a_working_day(world: World) -> None:
    world.find(world.employer())
    (one,) = issue(world)
    # Served on Thursday 2 April 2026: Qingming is off from 4 to 6 April.
    assert serve(world, one.number, date(2026, 4, 2), at=datetime(2026, 4, 3, tzinfo=UTC)) == date(2026, 4, 17)
    assert serve(world, one.number, date(2026, 4, 2)) == date(2026, 4, 17)  # said again
    with pytest.raises(FollowupError, match="is served"):
        serve(world, one.number, date(2026, 4, 1))
    assert world.kinds().count(Kind.notice_served) == 1


@pytest.mark.parametrize(
    ("on", "how"), [(date(2026, 3, 1), "post"), (date(2026, 5, 1), "post"), (date(2026, 3, 3), "sms")]
)
def test_a_notice_is_not_served_before_it_is_written_nor_in_the_future_nor_by_a_text_message(
    world: World, on: date, how: str
) -> None:
    world.find(world.employer())
    (one,) = issue(world)
    with pytest.raises(FollowupError):
        serve(world, one.number, on, how)
    assert states(world) == ["issued"]


def test_a_deadline_in_a_year_that_is_not_announced_says_so(world: World) -> None:
    world.find(world.employer())
    (one,) = issue(world, at=datetime(2026, 12, 21, tzinfo=UTC))
    serve(world, one.number, date(2026, 12, 28), at=datetime(2026, 12, 29, tzinfo=UTC))
    assert world.database.execute("select provisional from notice") == [(True,)]


def test_when_the_finding_falls_its_notices_are_withdrawn_and_those_of_others_stand(world: World) -> None:
    falls, stands = world.find(world.employer()), world.find(world.employer())
    numbers = {one.finding_id: one.number for one in issue(world)}
    serve(world, numbers[falls])
    world.judge(falls, "cleared", world.run())
    assert settle(world).notices == 1
    assert settle(world).notices == 0
    assert dict(world.database.execute("select finding_id, state from notice")) == {
        falls: "withdrawn",
        stands: "issued",
    }
    assert world.kinds().count(Kind.notices_withdrawn) == 1
    with pytest.raises(FollowupError, match="withdrawn"):
        serve(world, numbers[falls], date(2026, 3, 4))


def test_a_delivery_that_does_not_come_withdraws_nothing(world: World) -> None:
    found = world.find(world.employer())
    (one,) = issue(world)
    world.judge(found, "unknown", world.run(verdict="unknown"))
    assert settle(world).notices == 0
    assert states(world) == ["issued"]
    with pytest.raises(FollowupError, match="is unknown"):
        serve(world, one.number)


def test_what_fell_and_came_back_is_told_anew(world: World) -> None:
    found = world.find(world.employer())
    issue(world)
    world.judge(found, "cleared", world.run())
    world.judge(found, "open", world.run())
    assert settle(world).notices == 1
    assert [one.finding_id for one in issue(world, at=MONDAY + timedelta(days=3))] == [found]
    assert settle(world).notices == 0
    assert states(world) == ["withdrawn", "issued"]


def test_an_officer_withdraws_with_a_reason_that_no_log_repeats(world: World) -> None:
    world.find(world.employer())
    (one,) = issue(world)
    with world.engine.begin() as connection:
        more = {"officer": LI, "at": MONDAY, "signer": world.signer}
        with pytest.raises(FollowupError, match="without a reason"):
            notice.withdraw(connection, one.number, because=" ", **more)
        notice.withdraw(connection, one.number, because="张三来访说明", **more)
        notice.withdraw(connection, one.number, because="再次", **more)
    assert world.database.execute("select state, withdrawn_because from notice") == [("withdrawn", "张三来访说明")]
    assert "张三" not in world.leaves()
    assert world.kinds().count(Kind.notices_withdrawn) == 1


def test_nobody_unnamed_acts_and_no_number_is_guessed(world: World) -> None:
    with pytest.raises(FollowupError, match="Nobody is named"):
        notice.Officer(" ", "科员")
    with pytest.raises(FollowupError, match="There is no notice"):
        serve(world, "荣人社告知〔2026〕9号")
