"""Line items of a session: a quantity of something whose price is given with it."""

from bot.sandbox.stripe.errors import invalid, missing_parameter
from bot.sandbox.stripe.state import Json, new_id


def line_item(item: Json, place: int, now: int) -> Json:
    """A line item with its price; raises `ApiError` 400 for what is missing, below zero or not in US dollars."""
    at = f"line_items[{place}]"
    price = item.get("price_data")
    if price is None:
        raise missing_parameter(f"{at}[price_data]")
    for values, name, where in ((item, "quantity", at), (price, "unit_amount", f"{at}[price_data]")):
        if name not in values:
            raise missing_parameter(f"{where}[{name}]")
    if "product_data" not in price:
        raise missing_parameter(f"{at}[price_data][product_data]")
    _check(item["quantity"], price, at)
    total = item["quantity"] * price["unit_amount"]
    return {
        "id": new_id("li_"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": "usd",
        "description": price["product_data"]["name"],
        "metadata": {},
        "price": _price(price["unit_amount"], now),
        "quantity": item["quantity"],
    }


def _check(quantity: int, price: Json, at: str) -> None:
    if price["currency"] != "usd":
        raise invalid(
            f"Invalid currency: {price['currency'][:10]}. The sandbox's stand-in takes usd alone.",
            f"{at}[price_data][currency]",
        )
    if quantity < 1:
        raise invalid("This value must be greater than or equal to 1.", f"{at}[quantity]")
    if price["unit_amount"] < 0:
        raise invalid("Invalid non-negative integer", f"{at}[price_data][unit_amount]", "parameter_invalid_integer")
    if not price["product_data"]["name"]:
        raise invalid("You passed an empty string.", f"{at}[price_data][product_data][name]", "parameter_invalid_empty")


def _price(cents: int, now: int) -> Json:
    return {
        "id": new_id("price_"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": now,
        "currency": "usd",
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod_", 14),
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": cents,
        "unit_amount_decimal": str(cents),
    }
