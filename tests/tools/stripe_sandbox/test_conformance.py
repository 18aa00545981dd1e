import pytest

from tests.tools.stripe_sandbox.conformance import check


@pytest.fixture
def product(client):
    return client.v1.products.create({"name": "Sample membership"}).to_dict()


def test_the_checker_accepts_what_the_sandbox_answers(product):
    check(product)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"surprise": 1}, "product.surprise: unknown"),
        ({"active": "yes"}, "product.active: 'yes' is no <class 'bool'>"),
        ({"created": True}, "product.created: True is no <class 'int'>"),
        ({"type": "wonderful"}, "product.type: 'wonderful' is no"),
        ({"images": None}, "product.images: None is no list"),
        ({"marketing_features": [{"nam": ""}]}, "marketing_features"),
    ],
)
def test_the_checker_sees_a_wrong_field(product, change, complaint):
    with pytest.raises(AssertionError, match=complaint):
        check(product | change)


def test_the_checker_sees_a_missing_field(product):
    del product["livemode"]

    with pytest.raises(AssertionError, match="livemode: missing"):
        check(product)
