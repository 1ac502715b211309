"""Every provider that the policies name delivers, and what it delivers is spoken of in the hub's terms."""

import re
from pathlib import Path

import pytest

from hub.intake import connector_names, read_connector
from hub.intake.connector import read_tables
from hub.terms import REASON_TITLES, NotEnrolledReason

ROOT = Path(__file__).resolve().parents[2]
NAMES = connector_names(ROOT)

#: The providers of the four policies, by the words in which these name them, and where their deliveries are declared.
PROVIDERS = {
    "公安": "public_security/*",
    "税务": "tax/*",
    "民政": "civil_affairs/*",
    "市场监管": "market_supervision/*",
    "行政审批": "administrative_approval/*",
    "住建": "housing/*",
    "公积金": "housing/provident_fund_*",
    "人社": "human_resources/*",
    "医保": "medical_insurance/*",
    "财政": "finance/*",
    "残联": "disabled_persons_federation/*",
    "扶贫、乡村振兴": "agriculture/poverty_relief",
    "农业农村": "agriculture/*",
    "卫健": "health/*",
    "教育": "education/*",
    "司法": "justice/*",
    "自然资源": "natural_resources/*",
    "工信": "industry/*",
    "商务": "commerce/*",
    "交通": "transport/*",
    "邮政管理": "postal/*",
    "海洋": "marine/*",
    "发改": "development_reform/*",
    "文旅": "culture_tourism/*",
    "国资": "state_assets/*",
    "地方金融": "financial_office/*",
    "社会信用": "credit_center/*",
    "核电专班": "nuclear_project/*",
    "编办": "establishment_office/*",
    "镇街": "town/*",
    "社区网格": "community/*",
    "第三方审计": "auditing_firm/*",
    "大数据中心、信息办": "big_data_center/*",
}


@pytest.mark.parametrize(("provider", "deliveries"), PROVIDERS.items(), ids=PROVIDERS)
def test_a_provider_that_the_policies_name_delivers(provider: str, deliveries: str) -> None:
    found = [name for name in NAMES if Path(name).match(deliveries)]
    assert found, f"{provider}: nothing in connectors/{deliveries}.toml"


@pytest.mark.parametrize("name", NAMES)
def test_a_delivery_says_only_kinds_that_its_table_knows(name: str) -> None:
    connector = read_connector(ROOT, name)
    field = connector.fields.get("kind")
    known = field and (connector.target_table.columns["kind"].comment or "")
    if not field or not known or not re.fullmatch("[a-z_ ]+", known):  # the column is open, or spoken of in words
        return
    said = {str(field.value)} if field.value is not None else set(connector.spellings("kind").values())
    assert said <= set(known.split())


def test_two_lists_of_reasons_are_one() -> None:
    spellings = read_tables(ROOT)["not_enrolled_reasons"]
    assert set(spellings.values()) == set(NotEnrolledReason) == set(REASON_TITLES)
    province = {"0,200", "0,201", "0,202", "0,203", "0,204", "0,205", "0,206", "0,207", "0,208", "1,011", "2,011"}
    district = {"死亡", "服刑", "服役", "拒参", "失踪", "无法联系", "已注销户口", "户口迁出", "其他"}
    assert province | district <= spellings.keys()
    assert "011" not in spellings  # enrolled by one state, unwilling by the other
    assert spellings["0,205"] == spellings["服刑"] == "prisoner"


def test_every_reason_has_a_title_of_its_own() -> None:
    titles = [reason.title_zh for reason in NotEnrolledReason]
    assert all(titles)
    assert len(set(titles)) == len(titles)
