"""A file that asks the same of several lists: a rule for each, and what such a file may not say."""

from pathlib import Path

import pytest

from hub.checks.rule import FOLDER, read_rule_file, read_rules
from hub.errors import DeclarationError

FILE = "listed.sql"
TEXT = """/*
subject     = "person"
severity    = "low"
basis       = ["社会保险法"]
needs       = [":delivery", "human_resources/enrollment"]
parameters  = ["working_age_from"]
explanation = { zh = ":zh未参保", en = ":en is not enrolled at 10:30" }

[[list]]
id       = "X01A"
name     = "poor_not_enrolled"
title    = "Poor (低保)"
delivery = "civil_affairs/low_income"
zh       = "低保对象"
en       = "Who is poor"

[[list]]
id       = "X01B"
name     = "destitute_not_enrolled"
title    = "Destitute (特困)"
delivery = "civil_affairs/destitute"
zh       = "特困人员"
en       = "Who is destitute"
basis    = ["社会救助暂行办法"]

[[list.example]]
why        = "an example of :en alone"
today      = 2026-11-21
assistance = [{ person = "B", kind = "destitute", delivery = ":delivery" }]
finds      = ["B"]

[[example]]
why        = "an example of every list"
today      = 2026-11-21
assistance = [{ person = "A", delivery = ":delivery" }]
finds      = ["A"]
*/
select 1 where :delivery <> ':en' and :working_age_from > 0 and :today > :period;
"""


def test_each_list_is_a_rule_with_its_own_words_and_those_of_the_file() -> None:
    poor, destitute = read_rule_file(TEXT, FILE)
    assert (poor.name, poor.ids, poor.title) == ("poor_not_enrolled", ("X01A",), "Poor (低保)")
    assert poor.needs == ("civil_affairs/low_income", "human_resources/enrollment")
    assert (poor.explanation.zh, poor.explanation.en) == ("低保对象未参保", "Who is poor is not enrolled at 10:30")
    assert (poor.basis, destitute.basis) == (("社会保险法",), ("社会保险法", "社会救助暂行办法"))
    assert poor.file == destitute.file == "listed"
    assert poor.text == destitute.text == TEXT
    assert poor.digest == destitute.digest


def test_the_sql_is_given_only_the_variables_that_it_names() -> None:
    assert [rule.given for rule in read_rule_file(TEXT, FILE)] == [
        {"delivery": "civil_affairs/low_income"},
        {"delivery": "civil_affairs/destitute"},
    ]


def test_every_list_has_the_examples_of_the_file_and_may_have_its_own() -> None:
    poor, destitute = read_rule_file(TEXT, FILE)
    assert [example.why for example in poor.example] == ["an example of every list"]
    assert [example.why for example in destitute.example][1:] == ["an example of Who is destitute alone"]
    assert [example.assistance[0]["delivery"] for example in destitute.example] == ["civil_affairs/destitute"] * 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('title    = "Poor', 'titel    = "Poor'), "'title' is missing; unknown key 'titel' (did you mean 'title'?)"),
        (('zh       = "特困人员"\n', ""), "list destitute_not_enrolled, is not right. 'zh' is missing"),
        (('id       = "X01B"\n', ""), "list destitute_not_enrolled, is not right. 'id' is missing"),
        (('id       = "X01B"', 'id       = "X1"'), "list destitute_not_enrolled, is not right. 'id.0'"),
        (('name     = "destitute_not_enrolled"\n', ""), "list 2, is not right. 'name' is missing"),
        (("destitute_not_enrolled", "Destitute!"), "list Destitute!, is not right. 'name'"),
        (("and :today", "and :todya"), "list poor_not_enrolled, is not right. 'todya' is missing"),
        (('zh = ":zh', 'zh = ":hz'), "list poor_not_enrolled, is not right. 'hz' is missing; unknown key 'zh'"),
        (('zh       = "低保对象"', 'today    = 2026-01-01\nzh       = "低保对象"'), "unknown key 'today'"),
        ((":working_age_from > 0", "true"), "parameters that the SQL does not use: working_age_from"),
        (('"working_age_from"]', '"working_age_from", 5]'), "listed.sql is not right. 'parameters.1'"),
        (("/*\n", '/*\nid = "X01"\n'), "listed.sql is not right. Of a file with lists each has its own id"),
        ((TEXT[TEXT.index("[[list]]"):TEXT.index("[[example]]")], "list = []\n"), "listed.sql is not right. 'list'"),
    ],
    ids=["an unknown key", "a variable not given", "no id", "a wrong id", "no name", "a wrong name", "a variable of no list",
         "a word of no list", "a variable of every rule", "an unused parameter", "wrong parameters", "an id of all", "no list"],
)  # fmt: skip
def test_a_file_of_lists_that_is_not_right_is_refused_by_file_list_and_key(change: tuple[str, str], says: str) -> None:
    assert change[0] in TEXT
    with pytest.raises(DeclarationError) as refused:
        read_rule_file(TEXT.replace(*change, 1), FILE)
    assert FILE in str(refused.value)
    assert says in str(refused.value)


def test_two_lists_with_one_name_are_refused_by_file_and_name(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(TEXT.replace("destitute_not_enrolled", "poor_not_enrolled"), "utf-8")
    with pytest.raises(DeclarationError, match=r"same id or name\. poor_not_enrolled in listed\.sql, poor"):
        read_rules(tmp_path)


def test_a_list_may_not_have_the_name_of_another_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(TEXT.replace("destitute_not_enrolled", "interrupted"), "utf-8")
    (tmp_path / "interrupted.sql").write_text((FOLDER / "interrupted.sql").read_text("utf-8"), "utf-8")
    with pytest.raises(DeclarationError, match=r"interrupted in interrupted\.sql, interrupted in listed\.sql"):
        read_rules(tmp_path)
