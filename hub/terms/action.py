"""What is done about a finding, and what came of it, with their titles. No I/O."""

from enum import StrEnum
from types import MappingProxyType


class ActionKind(StrEnum):
    """What was done (处理方式), by the name under which the hub stores and shows it."""

    notice = "notice"
    call = "call"
    message = "message"
    visit = "visit"
    interview = "interview"
    self_check = "self_check"
    audit = "audit"
    referral = "referral"

    @property
    def title_zh(self) -> str:
        return ACTION_TITLES[self]


class ActionResult(StrEnum):
    """What came of it (处理结果). ``not_enrolled`` of a person goes with the reason why."""

    enrolled = "enrolled"
    rectified = "rectified"
    promised = "promised"
    not_enrolled = "not_enrolled"
    no_contact = "no_contact"
    disputed = "disputed"
    pending = "pending"

    @property
    def title_zh(self) -> str:
        return RESULT_TITLES[self]


_K, _R = ActionKind, ActionResult

ACTION_TITLES = MappingProxyType({
    _K.notice: "送达告知书、提醒函",
    _K.call: "电话联系",
    _K.message: "短信、网络消息",
    _K.visit: "入户走访、上门",
    _K.interview: "约谈",
    _K.self_check: "要求自查",
    _K.audit: "稽核、审计",
    _K.referral: "移送有关部门",
})  # fmt: skip

RESULT_TITLES = MappingProxyType({
    _R.enrolled: "已办理参保",
    _R.rectified: "已整改",
    _R.promised: "承诺办理",
    _R.not_enrolled: "未参保（注明原因）",
    _R.no_contact: "未联系上",
    _R.disputed: "对疑点有异议",
    _R.pending: "正在办理",
})  # fmt: skip
