"""A reason for rejecting a row, in the words of the department that delivered it (拒绝原因).

In charge of the file that goes back: the department's own column instead of the hub's field, and Chinese. What has no
Chinese here stays as it is: a reason is never lost. Pure.
"""

import re
from typing import Final

from hub.intake.connector import Connector, names

#: What a reason says, and how a department is told. Groups are put into the braces.
_SAYINGS: Final = [
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"unknown code '(.*)'", "代码“{}”不在约定的代码表中"),
        (r"code and name disagree in '(.*)'", "“{}”中的代码与名称不一致"),
        (r"duplicate of row (\d+)", "与第 {} 行完全重复"),
        (r"same key as row (\d+) with other values", "与第 {} 行指同一事项，但内容不一致"),
        (r"what is known says otherwise, and .*", "与已入库内容不一致，且其后批次可能已再次确认，请作为新批次报送"),
        (r"missing|nothing is given", "未填写"),
        (r"the number is masked; ask for it in full", "号码已脱敏，请提供完整号码"),
        (r"stored as a number, its last digits are lost", "单元格为数值格式，末位数字已丢失，请改为文本格式后重新导出"),
        (r"a spreadsheet made the number .*", "单元格为数值格式，号码已失真，请改为文本格式后重新导出"),
        (r"neither 18 characters nor 15 .*", "位数不对：应为 18 位或 15 位（残疾人证 20 位）"),
        (r"only digits may stand here, and X at the end", "含有不应出现的字符"),
        (r"a placeholder, not a number that was ever issued|.*is a placeholder", "是占位号码，不是真实号码"),
        (r"the birth date in the number does not exist", "号码中的出生日期不存在"),
        (r"the birth date in the number is in the future", "号码中的出生日期晚于今天"),
        (r"the check character does not fit the number", "校验码不符"),
        (r"the two characters after the identity number .*", "残疾人证末两位不是残疾类别和等级"),
        (r".*does not fit its check character", "校验码不符"),
        (r".*has (\d+) characters, not (\d+)", "有 {} 位，应为 {} 位"),
        (r"not a date in any spelling known here|no such day in the calendar", "不是有效日期"),
        (r"a month, where a day is needed", "只有年月，需要年月日"),
        (r"not an amount in any spelling known here|larger than any amount could be", "不是有效金额"),
        (r"not a whole number", "不是整数"),
        (r"neither yes nor no", "应填“是”或“否”"),
        (r"no number that an employer has here", "没有可识别的单位号码"),
        (r"longer than any number", "号码过长"),
    )
]


#: What a reason is about that is no field.
_OF_ROWS: Final = {"row": "整行", "operation": "增删改标志"}


def in_chinese(reason: str, connector: Connector, slot: int = 0) -> str:
    """``reason`` ("field: what is wrong") as the department reads it: its column, and Chinese where there is any.

    ``slot``: which repetition within its row it is about.
    """
    name, colon, words = reason.partition(": ")
    if not colon:
        return reason
    field = connector.fields.get(name)
    spelled = names(connector.repeat[name][slot]) if name in connector.repeat else field.names if field else []
    column = _OF_ROWS.get(name) or (spelled[0] if spelled else name)
    for pattern, chinese in _SAYINGS:
        if found := pattern.fullmatch(words):
            said = [_source_row(one, connector) if name == "row" else one for one in found.groups()]
            return f"{column}：{chinese.format(*said)}"
    return f"{column}：{words}"


def _source_row(number: str, connector: Connector) -> str:
    """The row of the file, where a row holds several of ours."""
    return str((int(number) - 1) // connector.times + 1)
