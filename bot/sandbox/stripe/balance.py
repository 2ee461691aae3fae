"""The account, its balance and what changed it (https://docs.stripe.com/api/balance_transactions).

Money is available at once, where Stripe holds it for days.
"""

from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.pages import listed
from bot.sandbox.stripe.state import Json, State, new_id

TABLE = "balance_transaction"
ACCOUNT_NAME = "Sandbox stand-in, NOT Stripe: no real card, no real money"
ACCOUNT_ID = "acct_sandboxStandIn"
#: Stripe's price for cards in the USA: 2.9 % and 30 cents.
FEE_PER_MILLE = 29
FEE_FIXED_CENTS = 30
#: What Stripe takes for a dispute, whoever wins it.
DISPUTE_FEE_CENTS = 1500


def fee_cents(amount: int) -> int:
    """The fee for a charge of so many cents, in whole cents, a half rounded up."""
    return (amount * FEE_PER_MILLE + 500) // 1000 + FEE_FIXED_CENTS


def booked(state: State, source: Json, kind: str, amount: int, *, category: str, fee: int = 0) -> Json:
    """A change of the balance by `amount` cents, less the fee, because of a charge, a refund or a dispute."""
    now, key = state.now(), new_id("txn_")
    details = [{"amount": fee, "application": None, "currency": "usd", "description": "Fee", "type": "stripe_fee"}]
    transaction = {
        "id": key,
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now,
        "balance_type": "payments",
        "created": now,
        "currency": "usd",
        "description": None,
        "exchange_rate": None,
        "fee": fee,
        "fee_details": details if fee else [],
        "net": amount - fee,
        "reporting_category": category,
        "source": source["id"],
        "status": "available",
        "type": kind,
    }
    return state.keep(TABLE, key, transaction)


def retrieve_transaction(call: Call) -> Json:
    """GET /v1/balance_transactions/{id}."""
    return call.state.get(TABLE, call.key)


def list_transactions(call: Call) -> Json:
    """GET /v1/balance_transactions."""
    wanted = {name: call.params[name] for name in ("currency", "source", "type") if name in call.params}
    return listed(call, TABLE, lambda one: all(one[name] == value for name, value in wanted.items()))


def balance(call: Call) -> Json:
    """GET /v1/balance: the sum of all that was booked; below zero after disputes."""
    total = sum(one["net"] for one in call.state.table(TABLE).values())
    return {
        "object": "balance",
        "available": [{"amount": total, "currency": "usd", "source_types": {"card": total}}],
        "livemode": False,
        "pending": [{"amount": 0, "currency": "usd", "source_types": {"card": 0}}],
    }


def account(call: Call) -> Json:
    """GET /v1/account; its name says that this is not Stripe."""
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {"name": ACCOUNT_NAME, "url": None},
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "nobody@sandbox.invalid",
        "payouts_enabled": False,
        "settings": {
            "branding": {"icon": None, "logo": None, "primary_color": None, "secondary_color": None},
            "card_payments": {
                "statement_descriptor_prefix": None,
                "statement_descriptor_prefix_kana": None,
                "statement_descriptor_prefix_kanji": None,
            },
            "dashboard": {"display_name": ACCOUNT_NAME, "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": None,
                "statement_descriptor_kana": None,
                "statement_descriptor_kanji": None,
            },
        },
        "type": "standard",
    }
