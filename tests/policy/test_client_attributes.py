"""`hub client add`: what a client is registered with is what its grants ask for, and means something."""

import pytest

from hub.cli.access import right_attributes
from hub.errors import PolicyError


@pytest.mark.parametrize(
    ("scope", "attributes", "says"),
    [
        ("source_department/verification", {"office": "taxx"}, "no office 'taxx' delivers anything. did you mean 'tax'?"),
        ("source_department/verification", {}, "'source_department/verification' needs the client's office"),
        ("town/visit_list", {"area": "3710821"}, "area=3710821: not a region code"),
        ("town/visit_list", {"area": "371082100", "aera": "371082100"}, "none of these grants asks for an attribute 'aera'"),
        ("deliver:tax/payroll", {"area": "371082100"}, "they ask for: nothing"),
    ],
)  # fmt: skip
def test_an_attribute_that_is_missing_that_no_grant_asks_for_or_that_is_none_is_refused(
    scope: str, attributes: dict[str, str], says: str
) -> None:
    with pytest.raises(PolicyError) as refused:
        right_attributes([scope], attributes)
    assert says in str(refused.value)
    assert refused.value.code == "POLICY_CLIENT_ATTRIBUTE"


def test_what_the_grants_ask_for_is_taken() -> None:
    right_attributes(["source_department/verification", "town/visit_list"], {"office": "tax", "area": "371082100"})
