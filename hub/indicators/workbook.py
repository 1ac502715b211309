"""A report as an XLSX workbook in the shape of 盐城's annex 1: a sheet a policy, all figures, what they rest on. Pure.

In charge of what stands in which cell, in Chinese. Text is always written as text: nothing of a report is a formula.
"""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import xlsxwriter

from hub.indicators.hiding import HIDDEN
from hub.terms import TITLES, Insurance

PLAIN: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
STATES_ZH: Final = {"reached": "已完成", "on_track": "达到序时进度", "behind": "落后", "unknown": "未知"}
SHOWN_ZH: Final = {"known": "", "unknown": "未知", "hidden": "＊"}
COMPARES_ZH: Final = {"at_least": "≥", "at_most": "≤", "rising": "高于上年同期", "below_last_year": "低于上年同期"}
_COLUMNS: Final = ("完成值", "目标值", "完成率（%）", "较上期", "进度", "排名")
HIDDEN_ZH: Final = "＊：人数过少，或可据以推算出此类数值，不予公布。数值按固定基数取整，合计与分项可能略有出入。"


def as_workbook(content: Mapping[str, Any]) -> bytes:
    """The report as an XLSX workbook: a sheet a policy, all figures, and what they rest on."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, PLAIN) as book:
        style = {
            "title": book.add_format({"bold": True, "font_size": 14, "align": "center"}),
            "head": book.add_format(
                {"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1}
            ),
            "cell": book.add_format({"border": 1, "num_format": "#,##0.##"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
        }
        for policy in content["policies"]:
            _annex(book.add_worksheet(_sheet(policy["title"])), content, policy, style)
        _figures(book.add_worksheet("全部指标"), content, style)
        _notes(book.add_worksheet("说明"), content, style)
    return buffer.getvalue()


def _sheet(title: str) -> str:
    """A name that a workbook allows: no brackets and slashes, at most 31 characters."""
    return "".join(letter for letter in title if letter not in "[]:*?/\\")[:31]


def _annex(sheet: Any, content: Mapping[str, Any], policy: Mapping[str, Any], style: Mapping[str, Any]) -> None:
    width = len(policy["indicators"]) * len(_COLUMNS) + 2
    heading = (
        f"{policy['title']} 目标任务完成情况（{content['title']} {content['period']}，数据截至{content['month']}）"
    )
    sheet.merge_range(0, 0, 0, width - 1, heading, style["title"])
    sheet.merge_range(1, 0, 2, 0, "地 区", style["head"])
    for place, one in enumerate(policy["indicators"]):
        first = 1 + place * len(_COLUMNS)
        sheet.merge_range(1, first, 1, first + len(_COLUMNS) - 1, _indicator(one), style["head"])
        for offset, name in enumerate(_COLUMNS):
            sheet.write_string(2, first + offset, name, style["head"])
    sheet.merge_range(1, width - 1, 2, width - 1, "已完成项数", style["head"])
    for number, area in enumerate(policy["areas"], start=3):
        sheet.write_string(number, 0, area["name"], style["cell"])
        for place, figure in enumerate(area["figures"]):
            for offset, value in enumerate(_cells(figure)):
                _write(sheet, number, 1 + place * len(_COLUMNS) + offset, value, style["cell"])
        sheet.write_number(number, width - 1, area["reached"], style["cell"])
    sheet.write_string(len(policy["areas"]) + 4, 0, HIDDEN_ZH)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, width - 1, 11)
    sheet.freeze_panes(3, 1)


def _indicator(one: Mapping[str, Any]) -> str:
    if not one["title"]:
        return str(one["clause"])
    insurance = f"（{TITLES[Insurance(one['insurance'])]}）" if one["insurance"] else ""
    return f"{one['title']}{insurance} {one['unit']}"


def _cells(figure: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """A figure under the annex's columns."""
    if figure is None:
        return ("",) * len(_COLUMNS)
    compare = COMPARES_ZH[figure["compare"]]
    target = compare if figure["target"] is None else f"{compare}{figure['target'].normalize():f}"
    change = None if figure["value"] is None or figure["before"] is None else figure["value"] - figure["before"]
    hidden = figure["value"] is None and figure["because"] == HIDDEN
    value = SHOWN_ZH["hidden"] if hidden else STATES_ZH["unknown"] if figure["value"] is None else figure["value"]
    share = None if figure["share"] is None else figure["share"] * 100
    return (value, target, share, change, STATES_ZH[figure["state"]], figure["rank"])


def _write(sheet: Any, row: int, column: int, value: Any, style: Any) -> None:
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, str):
        sheet.write_string(row, column, value, style)
    else:
        sheet.write_number(row, column, float(value), style)


def _figures(sheet: Any, content: Mapping[str, Any], style: Mapping[str, Any]) -> None:
    heads = ("指标", "险种", "地区（园区）", "分子", "分母", "数值", "单位", "上期", "上年同期", "状态", "说明")
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, style["head"])
    for row, one in enumerate(content["figures"], start=1):
        insurance = TITLES[Insurance(one["insurance"])] if one["insurance"] else ""
        numbers = (one["numerator"], one["denominator"], one["value"], one["unit"], one["before"], one["last_year"])
        values = (one["title"], insurance, one["name"], *numbers, SHOWN_ZH[one["state"]], one["because"])
        for column, value in enumerate(values):
            _write(sheet, row, column, value, style["cell"])
    sheet.set_column(0, 2, 26)
    sheet.set_column(3, 10, 14)
    sheet.autofilter(0, 0, len(content["figures"]), len(heads) - 1)
    sheet.freeze_panes(1, 0)


def _notes(sheet: Any, content: Mapping[str, Any], style: Mapping[str, Any]) -> None:
    lines = [
        f"{content['title']} {content['period']}；数据月份 {content['month']}；发布版本 {content['release']}",
        "" if content["complete"] else "本期尚未结束或最后月份尚未公布。",
        HIDDEN_ZH,
        "“未知”表示所需数据未交付、过期或参数未设定，不等于零。",
        *(
            f"{name}：{'；'.join(one['because']) or '数据批次 ' + _batches(one['batches'])}"
            for name, one in sorted(content["rests_on"].items())
        ),
    ]
    for row, line in enumerate(one for one in lines if one):
        sheet.write_string(row, 0, line, style["text"])
    sheet.set_column(0, 0, 120)


def _batches(batches: Mapping[str, Any]) -> str:
    return "、".join(f"{name} {one['period'][:7]}（{one['batch']}）" for name, one in sorted(batches.items())) or "无"
