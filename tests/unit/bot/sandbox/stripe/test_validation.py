"""Parameters are held against stripe-python's own generated types."""

from decimal import Decimal
from typing import Any

import pytest
import stripe.params as of
from stripe.params import checkout

from bot.sandbox.stripe.errors import ApiError
from bot.sandbox.stripe.operations import OPERATIONS
from bot.sandbox.stripe.validation import checked, require_supported

PRICE = {"currency": "usd", "unit_amount": "1000", "product_data": {"name": "10 ITD"}}
SESSION: dict[str, Any] = {
    "mode": "payment",
    "expires_at": "1780000000",
    "metadata": {"invoice": "i1", "0": "a number may be a key"},
    "adaptive_pricing": {"enabled": "false"},
    "line_items": {"0": {"quantity": "1", "price_data": PRICE}},
    "expand": {"0": "line_items"},
}


def refused(kind: Any, tree: dict[str, Any]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        checked(kind, tree)
    assert caught.value.status == 400
    return caught.value


def facts(error: ApiError) -> tuple[str | None, str | None]:
    found = error.envelope()["error"]
    return found.get("param"), found.get("code")


def test_texts_become_what_the_types_say() -> None:
    found = checked(checkout.SessionCreateParams, SESSION)
    assert found["expires_at"] == 1_780_000_000 and found["adaptive_pricing"] == {"enabled": False}
    assert found["line_items"] == [{"quantity": 1, "price_data": {**PRICE, "unit_amount": 1000}}]
    assert found["metadata"]["0"] == "a number may be a key" and found["expand"] == ["line_items"]
    price = {**PRICE, "unit_amount_decimal": "10.5"}
    decimal = checked(checkout.SessionCreateParams, {"line_items": {"0": {"price_data": price}}})
    assert decimal["line_items"][0]["price_data"]["unit_amount_decimal"] == Decimal("10.5")


@pytest.mark.parametrize(
    ("wrong", "param", "code"),
    [
        ({"payment_method_types": {"0": "card"}}, "payment_method_types", "parameter_unknown"),
        ({"api_key": "sk_test_1"}, "api_key", "parameter_unknown"),
        ({"line_items": {"0": {"amount": "1"}}}, "line_items[0][amount]", "parameter_unknown"),
        ({"line_items": {"0": {"price_data": {}}}}, "line_items[0][price_data][currency]", "parameter_missing"),
        ({"line_items": {"1": {"quantity": "1"}}}, "line_items", None),
        ({"line_items": "card"}, "line_items", None),
        ({"expires_at": "1.5"}, "expires_at", "parameter_invalid_integer"),
        ({"expires_at": "１２"}, "expires_at", "parameter_invalid_integer"),
        ({"expires_at": "1" * 30}, "expires_at", "parameter_invalid_integer"),
        ({"expires_at": {"0": "1"}}, "expires_at", None),
        ({"allow_promotion_codes": "yes"}, "allow_promotion_codes", None),
        ({"mode": "donation"}, "mode", None),
        ({"mode": {"a": "b"}}, "mode", None),
        ({"metadata": "text"}, "metadata", None),
        ({"metadata": {"a": {"b": "c"}}}, "metadata[a]", None),
        ({"allowed_payment_method_types": {"0": "cash"}}, "allowed_payment_method_types[0]", None),
    ],
)
def test_what_does_not_fit_is_named(wrong: dict[str, Any], param: str, code: str | None) -> None:
    found = facts(refused(checkout.SessionCreateParams, wrong))
    assert str(found[0]).startswith(param.removesuffix("[a]")) and found[1] == code


def test_a_number_or_a_range() -> None:
    assert checked(of.EventListParams, {"created": "5"}) == {"created": 5}
    assert checked(of.EventListParams, {"created": {"gte": "5"}}) == {"created": {"gte": 5}}
    assert facts(refused(of.EventListParams, {"created": {"from": "5"}})) == ("created[from]", "parameter_unknown")


def test_an_empty_text_may_mean_none() -> None:
    assert checked(of.RefundCreateParams, {"metadata": ""}) == {"metadata": ""}
    assert "must be one of" in str(refused(of.RefundCreateParams, {"reason": "mood"}))
    assert checked(of.RefundCreateParams, {"reason": "duplicate"}) == {"reason": "duplicate"}


def test_what_is_not_done_here_is_said() -> None:
    names = frozenset({"metadata", "line_items.quantity"})
    require_supported({"metadata": {"anything": "x"}, "line_items": [{"quantity": 1}]}, names)
    with pytest.raises(ApiError, match=r"does not support line_items\.price, although"):
        require_supported({"line_items": [{"quantity": 1}, {"price": "p"}]}, names)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: f"{one.method} {one.path}")
def test_every_operation_knows_its_parameters(operation: Any) -> None:
    assert checked(operation.params, {}) == {}
    assert facts(refused(operation.params, {"no_such": "1"})) == ("no_such", "parameter_unknown")
    assert checked(operation.params, {"expand": {"0": "x"}}) == {"expand": ["x"]}
