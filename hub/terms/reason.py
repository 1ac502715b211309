"""Why a person is not enrolled, as surveys and comparisons note it, and the reasons' titles. No I/O.

Each source has codes or words of its own; `connectors/not_enrolled_reasons.toml` maps them to this one list.
"""

from enum import StrEnum
from types import MappingProxyType


class NotEnrolledReason(StrEnum):
    """One reason (未参保原因), by the name under which the hub stores and shows it."""

    employee_pension_in_province = "employee_pension_in_province"
    organ_pension = "organ_pension"
    resident_pension = "resident_pension"
    insured_elsewhere = "insured_elsewhere"
    student = "student"
    soldier = "soldier"
    prisoner = "prisoner"
    abroad = "abroad"
    dead = "dead"
    cancelled = "cancelled"
    moved_out = "moved_out"
    empty_registration = "empty_registration"
    missing = "missing"
    unreachable = "unreachable"
    unwilling = "unwilling"
    other = "other"

    @property
    def title_zh(self) -> str:
        return REASON_TITLES[self]


_R = NotEnrolledReason

REASON_TITLES = MappingProxyType({
    _R.employee_pension_in_province: "已参加省内企业职工养老保险",
    _R.organ_pension: "已参加机关事业单位养老保险",
    _R.resident_pension: "已参加城乡居民养老保险",
    _R.insured_elsewhere: "已在省外或外地参保",
    _R.student: "在校学生",
    _R.soldier: "现役军人",
    _R.prisoner: "服刑人员",
    _R.abroad: "出国（境）",
    _R.dead: "死亡",
    _R.cancelled: "户口已注销",
    _R.moved_out: "户口迁出",
    _R.empty_registration: "空挂户",
    _R.missing: "失踪",
    _R.unreachable: "无法联系",
    _R.unwilling: "无参保意愿",
    _R.other: "其他",
})  # fmt: skip
