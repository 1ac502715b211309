import pytest

from hub.terms import (
    DocumentKind,
    InvalidDocument,
    InvalidResidentId,
    InvalidTerm,
    canonical_document,
    is_foreign_permanent_old,
)

STANDARD = "11010519491231002X"


@pytest.mark.parametrize("written", [STANDARD, " 11010519491231002x", "110105491231002", STANDARD + "42B1"])
@pytest.mark.parametrize("kind", ["resident_id", "hmt_residence_permit", "foreign_permanent"])
def test_every_form_of_one_resident_id_keys_one_person(kind: str, written: str) -> None:
    assert canonical_document(kind, written) == f"CN:{STANDARD}"


def test_another_document_is_keyed_by_kind_country_and_number() -> None:
    assert canonical_document(DocumentKind.passport, " e 123-4567８ ", "can") == "PASSPORT:CAN:E12345678"
    assert canonical_document("passport", "E12345678") == "PASSPORT:E12345678"
    assert canonical_document("foreign_permanent_old", "abc123456789012") == "FOREIGN_PERMANENT_OLD:ABC123456789012"
    assert canonical_document("military_id", "南字第01234567号") == "MILITARY_ID:南字第01234567号"


def test_no_number_can_pass_for_a_country() -> None:
    assert canonical_document("other", "USA:123") == "OTHER:USA123"


def test_the_old_card_of_a_foreigner_is_no_resident_id() -> None:
    assert is_foreign_permanent_old("ABC 123456789012")
    assert not is_foreign_permanent_old(STANDARD)
    assert not is_foreign_permanent_old("110105491231002")
    with pytest.raises(InvalidResidentId):
        canonical_document("resident_id", "ABC123456789012")


@pytest.mark.parametrize(
    ("kind", "number", "country", "why"),
    [
        ("passport", "", "", "blank"),
        ("passport", "暂无", "", "blank"),
        ("passport", "000000", "", "blank"),
        ("passport", "E12****78", "", "masked"),
        ("passport", "护照E1234567", "", "characters"),
        ("foreign_permanent_old", "AB1234567890123", "", "characters"),
        ("passport", "E12345678", "Canada", "country"),
        ("resident_id", "110105194912310021", "", "check"),
    ],
)
def test_a_refusal_has_a_reason_and_never_shows_the_number(kind: str, number: str, country: str, why: str) -> None:
    with pytest.raises(InvalidTerm) as refused:
        canonical_document(kind, number, country)
    assert refused.value.reason == why
    assert isinstance(refused.value, InvalidDocument | InvalidResidentId)
    assert not any(digit in str(refused.value) for digit in ("1234", "1949"))


def test_every_kind_has_a_chinese_title() -> None:
    assert all(kind.title_zh for kind in DocumentKind)
