"""Front-end databases, on a real PostgreSQL and a real MariaDB: nothing missed, nothing doubled, nothing told."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from channel_factory import POPULATION, FrontTable, fetch, killed, source, written
from intake_factory import Desk, name, resident_id
from postgres import libpq

from hub.errors import IntakeError
from hub.intake import channel
from hub.intake.channel import database
from hub.intake.channel.spool import Spool

NOON = "2026-10-01 12:00:00"


@pytest.fixture(params=["postgresql", "mariadb"])
def front(request: pytest.FixtureRequest, server: str) -> Iterator[FrontTable]:
    """An empty table on each of the two."""
    if request.param == "mariadb":
        table = FrontTable(request.getfixturevalue("mariadb"))
        yield table
        table.engine.dispose()
        return
    table = FrontTable(libpq(server), f"front_{uuid4().hex[:8]}")
    yield table
    table.run(f"drop table {table.name}")
    table.engine.dispose()


def statuses(desk: Desk) -> dict[str, str]:
    """What is known of each person, by key."""
    return {key.hex: status for key, status in desk.facts("person", "person_key, status")}


def key(desk: Desk, number: int) -> str:
    return desk.keyring.person_key(f"CN:{resident_id(number)}").hex


def test_what_is_new_is_fetched_and_what_is_not_new_changes_nothing(desk: Desk, front: FrontTable) -> None:
    for number in range(7):
        front.put(number, NOON)
    first = fetch(desk, front.source(page_rows=3))
    assert (first.declared, first.loaded, first.added, first.rejected) == (7, 7, 7, 0)
    front.put(1, "2026-10-01 12:30:00", flag="u", state="死亡", row=101)
    front.put(2, "2026-10-01 12:30:00", flag="d", row=102)
    front.put(9, "2026-10-01 12:30:00", row=103)
    second = fetch(desk, front.source(page_rows=3))
    assert (second.declared, second.added, second.changed, second.ended) == (10, 1, 1, 1)  # seven of them seen again
    assert statuses(desk) == {key(desk, n): "dead" if n == 1 else "normal" for n in (0, 1, 3, 4, 5, 6, 9)}
    again = fetch(desk, front.source())
    assert (again.added, again.changed, again.ended, again.already) == (0, 0, 0, False)
    assert desk.database.execute("select channel, partial, count(*) from batch group by 1, 2") == [
        ("database", True, 3)
    ]


def test_a_row_committed_late_is_not_missed(desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON)
    fetch(desk, front.source())
    front.put(2, "2026-10-01 11:30:00")  # written before what was seen, committed after
    assert fetch(desk, front.source()).added == 1
    front.put(3, "2026-10-01 10:30:00")  # longer ago than the source says that a row may take
    assert fetch(desk, front.source()).added == 0
    assert fetch(desk, front.source(overlap_hours=3)).added == 1


def test_ties_of_one_write_time_go_over_the_ends_of_pages(desk: Desk, front: FrontTable) -> None:
    for number in range(23):
        front.put(number, NOON)
    report = fetch(desk, front.source(page_rows=2))
    assert (report.declared, report.added) == (23, 23)


def test_only_rows_that_are_switched_on_are_fetched(desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON)
    front.put(2, NOON, switch=1)
    assert fetch(desk, front.source()).declared == 1


def test_the_state_is_written_back_for_what_was_loaded_and_what_was_rejected(desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON)
    front.put(2, NOON, state="?")
    front.put(3, NOON, switch=1)
    assert fetch(desk, front.source()).rejected == 1
    assert front.states() == [(1, "1"), (2, "9"), (3, None)]


def test_without_leave_nothing_is_written_back(desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON)
    fetch(desk, front.source(processed=None))
    assert front.states() == [(1, None)]


def test_a_refused_batch_writes_nothing_back_and_is_asked_for_again(strict_desk: Desk, front: FrontTable) -> None:
    desk = strict_desk
    front.put(1, NOON, state="?")
    for _ in range(2):
        with pytest.raises(IntakeError) as refused:
            fetch(desk, front.source())
        assert refused.value.code == "INTAKE_REJECTED"
    assert front.states() == [(1, None)]
    assert desk.database.execute("select * from channel_position") == []
    front.run(f"update {front.name} set 管理状态 = '正常'")
    assert fetch(desk, front.source()).added == 1


def test_a_row_written_again_meanwhile_is_left_alone(
    desk: Desk, front: FrontTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.put(1, NOON)
    front.put(2, NOON)
    let_go = channel._let_go

    def changed_before(*given: Any) -> None:
        front.run(f"update {front.name} set 写入时间 = '2026-10-01 13:00:00' where id = 2")
        let_go(*given)

    monkeypatch.setattr(channel, "_let_go", changed_before)
    fetch(desk, front.source())
    assert front.states() == [(1, "1"), (2, None)]


def test_a_snapshot_is_the_whole_table_at_one_moment(
    desk: Desk, front: FrontTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = front.source(mode="snapshot", written=None, page_rows=2)
    for number in range(5):
        front.put(number, NOON)
    append, meanwhile = Spool.append, iter(range(100, 200))

    def changes_meanwhile(*given: Any) -> None:
        append(*given)
        front.put(next(meanwhile), NOON)

    monkeypatch.setattr(Spool, "append", changes_meanwhile)
    assert fetch(desk, whole).declared == 5
    monkeypatch.undo()
    front.run(f"delete from {front.name} where id = 3 or id >= 100")
    front.put(4, NOON, flag="d", row=5)
    front.run(f"delete from {front.name} where id = 4")
    report = fetch(desk, whole)
    assert (report.declared, report.added, report.ended) == (4, 0, 2)
    assert statuses(desk).keys() == {key(desk, n) for n in range(3)}
    assert front.states() == [(n, "1") for n in (0, 1, 2, 5)]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "UTC", "America/New_York"])
def test_the_watermark_never_passes_the_databases_own_clock(zone: str, desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON)
    front.put(2, "2099-01-01 00:00:00")
    report = fetch(desk, front.source(time_zone=zone))
    assert report.declared == 1
    assert report.warnings == ["rows have a write time in the future: they are fetched when it has come"]
    front.put(3, "2026-10-01 12:00:01")
    assert fetch(desk, front.source(time_zone=zone)).added == 1


@pytest.mark.parametrize("change", ["写入时间 = null", "写入时间 = null, 管理状态 = '死亡'"])
def test_a_row_without_a_write_time_is_refused_because_it_would_be_missed(
    change: str, desk: Desk, front: FrontTable
) -> None:
    front.put(1, NOON)
    front.run(f"update {front.name} set {change}")
    with pytest.raises(IntakeError, match="no write time or no key"):
        fetch(desk, front.source())


def test_a_key_that_does_not_tell_rows_apart_is_refused(desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON)
    front.put(1, NOON, row=2)
    with pytest.raises(IntakeError, match="several rows have the same 写入时间, gmsfhm"):
        fetch(desk, front.source(key=["gmsfhm"], processed=None))


def test_keys_that_the_database_holds_to_be_equal_are_not_stepped_over(desk: Desk, front: FrontTable) -> None:
    for number, text in enumerate(["a", "A", "b", "B", "c", "C"]):
        front.put(number, NOON)
        front.run(f"update {front.name} set 处理状态 = :text where id = {number}", text=text)
    for size in (1, 2, 3):
        spool = fetch(desk, front.source(key=["处理状态"], processed=None, page_rows=size))
        assert spool.declared >= 6
    assert len(statuses(desk)) == 6


def test_a_column_nobody_declared_is_refused_before_a_row_is_read(desk: Desk, front: FrontTable) -> None:
    front.run(f"alter table {front.name} add column 手机号 varchar(20)")
    with pytest.raises(IntakeError, match="column '手机号' is not declared") as refused:
        fetch(desk, front.source())
    assert refused.value.code == "INTAKE_COLUMNS"
    with pytest.raises(IntakeError, match="no column 'nothing'"):
        fetch(desk, front.source(switch={"column": "nothing", "on": [0]}))


def test_what_is_ignored_is_not_even_asked_for(desk: Desk, front: FrontTable) -> None:
    front.run(f"alter table {front.name} add column 曾用名 {'bytea' if 'postgres' in front.url else 'blob'}")
    front.put = lambda *_: None  # type: ignore[method-assign]
    front.run(
        f"insert into {front.name} (id, gmsfhm, xm, 性别, 民族, 户籍所在行政区划, 管理状态, 操作标志, 交换开关, 写入时间, 曾用名)"
        f" values (1, :id, :name, '男', '汉', '371082001001', '正常', '1', 0, '{NOON}', 'x')",
        id=resident_id(1), name=name(1),
    )  # fmt: skip
    assert fetch(desk, front.source()).added == 1
    front.run(f"alter table {front.name} drop column 户籍详细地址")
    with pytest.raises(IntakeError, match=r"column '曾用名' holds a value that is no text \(bytes\)"):
        fetch(desk, front.source(columns={"gmsfhm": "公民身份号码", "xm": "姓名", "曾用名": "户籍详细地址"}))


def test_an_operation_nobody_knows_rejects_its_row(desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON, flag="3")
    front.put(2, NOON)
    assert fetch(desk, front.source()).reasons == {"operation: unknown code '3'": 1}


def test_a_write_time_in_words_is_read_by_its_format(desk: Desk, front: FrontTable) -> None:
    front.run(f"alter table {front.name} add column 时间 varchar(20)")
    more = {"written": "时间", "written_format": "%Y%m%d%H%M%S", "columns": {"gmsfhm": "公民身份号码", "xm": "姓名"}}
    front.run(f"alter table {front.name} drop column 写入时间")
    statement = (
        f"insert into {front.name} (id, gmsfhm, xm, 性别, 民族, 户籍所在行政区划, 户籍详细地址, 管理状态, 操作标志, 时间)"
        " values (:n, :id, :name, '男', '汉', '371082001001', '', '正常', '1', :at)"
    )
    front.run(statement, n=1, id=resident_id(1), name=name(1), at="20261001120000")
    assert fetch(desk, front.source(**more)).declared == 1
    front.run(statement, n=2, id=resident_id(2), name=name(2), at="20261001113000")
    front.run(statement, n=3, id=resident_id(3), name=name(3), at="20261001090000")
    assert fetch(desk, front.source(**more)).declared == 2
    with pytest.raises(IntakeError, match="say its 'written_format'"):
        fetch(desk, front.source(**{**more, "written_format": None}))


@pytest.mark.parametrize(
    ("moment", "count"), [("fetch", 1), ("state", 2), ("read", 0), ("write", 1), ("committed", 0), ("written back", 0)]
)
def test_kill_9_at_any_moment_loses_and_doubles_nothing(moment: str, count: int, desk: Desk, front: FrontTable) -> None:
    sources = written(desk.folder / "sources.toml", POPULATION, front.content(page_rows=4, overlap_hours=0))
    for number in range(10):
        front.put(number, NOON)
    front.put(3, "2026-10-01 12:10:00", flag="d", row=50)
    killed(desk, sources, moment, count)
    committed = moment in {"committed", "written back"}
    assert desk.database.execute("select count(*) from batch") == [(int(committed),)]
    assert all(state is None for _, state in front.states()) == (moment != "written back")
    front.put(11, "2026-10-01 12:20:00")
    [(_, one)] = channel.read_sources(sources).items()
    fetch(desk, one)
    if statuses(desk).keys() != {key(desk, n) for n in (*(n for n in range(10) if n != 3), 11)}:
        fetch(desk, one)  # it had gone on with what was fetched before number 11 was there
    assert statuses(desk).keys() == {key(desk, n) for n in (*(n for n in range(10) if n != 3), 11)}
    assert desk.database.execute("select count(*) from person") == [(10,)]
    assert {state for _, state in front.states()} == {"1"}
    assert not list((desk.folder / "spool").rglob("pages"))
    batches = desk.database.execute("select count(*), sum(added) from batch where status = 'loaded'")
    assert batches[0][0] <= 2
    assert batches[0][1] == 10


def test_two_fetches_of_one_delivery_do_not_meet(
    desk: Desk, front: FrontTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.put(1, NOON)
    append = Spool.append

    def second_meanwhile(*given: Any) -> None:
        with pytest.raises(IntakeError, match="is being fetched already"):
            fetch(desk, front.source())
        append(*given)

    monkeypatch.setattr(Spool, "append", second_meanwhile)
    assert fetch(desk, front.source()).added == 1


def test_what_is_fetched_rests_sealed_and_is_gone_when_it_is_loaded(
    desk: Desk, front: FrontTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.put(1, NOON)
    seen: list[bytes] = []
    finish = Spool.finish

    def look(self: Spool, position: dict[str, Any]) -> None:
        finish(self, position)
        for path in self.folder.iterdir():
            assert path.stat().st_mode & 0o777 == 0o600
            seen.append(path.read_bytes())

    monkeypatch.setattr(Spool, "finish", look)
    fetch(desk, front.source())
    assert len(seen) == 2
    assert all(resident_id(1).encode() not in one and name(1).encode() not in one for one in seen)
    assert not list((desk.folder / "spool").rglob("pages"))


def test_trying_a_source_says_what_is_wrong_and_changes_nothing(desk: Desk, front: FrontTable) -> None:
    front.put(1, NOON)
    found = channel.try_source(POPULATION, front.source(), desk.declarations)
    assert (found.problem, found.notes) == (None, ())
    assert front.states() == [(1, None)]
    for changes, words in (
        ({"table": "nothing"}, "no such table"),
        ({"switch": {"column": "nothing", "on": [0]}}, "no column 'nothing'"),
        ({"url": "mysql+pymysql://root:geheim@127.0.0.1:1/x"}, "cannot be reached"),
        ({"url": "oracle+nothing://root:geheim@127.0.0.1:1/x"}, "no driver for oracle"),
        ({"url": "postgresql://somebody:geheim@127.0.0.1:1/x"}, "cannot be reached"),
    ):
        problem = channel.try_source(POPULATION, front.source(**changes), desk.declarations).problem
        assert problem is not None
        assert words in problem
        assert "geheim" not in problem
        assert "somebody" not in problem


def test_the_right_to_write_the_state_back_is_tried(desk: Desk, front: FrontTable) -> None:
    user, url = f"hub_{uuid4().hex[:6]}", front.engine.url
    if front.engine.dialect.name == "postgresql":
        front.run(f"create role {user} login password 'geheim'")
        front.run(f"grant select on {front.name} to {user}")
    else:
        front.run(f"create user '{user}'@'%' identified by 'geheim'")
        front.run(f"grant select on {url.database}.{front.name} to '{user}'@'%'")
    try:
        given = url.set(username=user, password="geheim").render_as_string(hide_password=False)
        found = channel.try_source(POPULATION, front.source(url=given, processed=None), desk.declarations)
        assert found.problem is None
        found = channel.try_source(POPULATION, front.source(url=given), desk.declarations)
        assert found.problem is not None
        assert "refused" in found.problem
        assert user not in found.problem
        assert "geheim" not in found.where + found.problem
    finally:
        if front.engine.dialect.name == "postgresql":
            front.run(f"drop owned by {user}")
            front.run(f"drop role {user}")
        else:
            front.run(f"drop user '{user}'@'%'")


def test_a_state_that_cannot_be_written_back_is_told_and_written_back_later(
    desk: Desk, front: FrontTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    front.put(1, NOON)
    monkeypatch.setattr(database, "write_back", refuses)
    report = fetch(desk, front.source())
    assert report.added == 1
    assert "its state is not written back yet. no leave" in report.warnings[0]
    with pytest.raises(IntakeError, match="no leave"):
        fetch(desk, front.source())
    monkeypatch.undo()
    front.put(2, NOON)
    assert fetch(desk, front.source()).added == 1
    assert front.states() == [(1, "1"), (2, "1")]


def refuses(*_: Any) -> None:
    raise IntakeError("INTAKE_CHANNEL", "no leave")


def test_an_empty_fetch_says_that_it_was_asked(desk: Desk, front: FrontTable) -> None:
    first, second = fetch(desk, front.source()), fetch(desk, front.source())
    assert (first.declared, first.already, second.declared, second.already) == (0, False, 0, False)
    assert second.batch_id > first.batch_id
    [(position,)] = desk.database.execute("select position from channel_position")
    assert position["watermark"] is None
    assert position["asked"]


def test_an_incremental_source_says_its_key_and_its_write_time(front: FrontTable) -> None:
    from hub.errors import DeclarationError

    for changes in ({"key": None, "processed": None}, {"written": None}):
        with pytest.raises(DeclarationError, match="says 'key' and 'written'"):
            source(**front.content(**changes))
