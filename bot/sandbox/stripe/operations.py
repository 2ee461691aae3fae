"""The calls that the stand-in answers, each with stripe-python's own type of its parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import stripe.params as of
from stripe.params import checkout

from bot.sandbox.stripe import balance, charges, disputes, events, expiry, payment_intents, refunds, sessions
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.state import Json


@dataclass(frozen=True)
class Operation:
    """What is done for a method and path; it answers a `gives` object, or a list of `many`."""

    method: str
    path: str
    params: Any
    perform: Callable[[Call], Json]
    gives: str
    many: bool = False


SESSIONS, INTENTS, CHARGES = "/v1/checkout/sessions", "/v1/payment_intents", "/v1/charges"
REFUNDS, DISPUTES, EVENTS, TRANSACTIONS = "/v1/refunds", "/v1/disputes", "/v1/events", "/v1/balance_transactions"
GET, POST = "GET", "POST"

OPERATIONS = (
    Operation(POST, SESSIONS, checkout.SessionCreateParams, sessions.create, sessions.TABLE),
    Operation(GET, SESSIONS, checkout.SessionListParams, sessions.list_all, sessions.TABLE, many=True),
    Operation(GET, f"{SESSIONS}/{{key}}", checkout.SessionRetrieveParams, sessions.retrieve, sessions.TABLE),
    Operation(POST, f"{SESSIONS}/{{key}}/expire", checkout.SessionExpireParams, expiry.expire_now, sessions.TABLE),
    Operation(
        GET,
        f"{SESSIONS}/{{key}}/line_items",
        checkout.SessionListLineItemsParams,
        sessions.list_items,
        "item",
        many=True,
    ),
    Operation(GET, INTENTS, of.PaymentIntentListParams, payment_intents.list_all, payment_intents.TABLE, many=True),
    Operation(
        GET, f"{INTENTS}/{{key}}", of.PaymentIntentRetrieveParams, payment_intents.retrieve, payment_intents.TABLE
    ),
    Operation(GET, CHARGES, of.ChargeListParams, charges.list_all, charges.TABLE, many=True),
    Operation(GET, f"{CHARGES}/{{key}}", of.ChargeRetrieveParams, charges.retrieve, charges.TABLE),
    Operation(POST, REFUNDS, of.RefundCreateParams, refunds.create, refunds.TABLE),
    Operation(GET, REFUNDS, of.RefundListParams, refunds.list_all, refunds.TABLE, many=True),
    Operation(GET, f"{REFUNDS}/{{key}}", of.RefundRetrieveParams, refunds.retrieve, refunds.TABLE),
    Operation(GET, DISPUTES, of.DisputeListParams, disputes.list_all, disputes.TABLE, many=True),
    Operation(GET, f"{DISPUTES}/{{key}}", of.DisputeRetrieveParams, disputes.retrieve, disputes.TABLE),
    Operation(POST, f"{DISPUTES}/{{key}}/close", of.DisputeCloseParams, disputes.close, disputes.TABLE),
    Operation(GET, EVENTS, of.EventListParams, events.list_all, events.TABLE, many=True),
    Operation(GET, f"{EVENTS}/{{key}}", of.EventRetrieveParams, events.retrieve, events.TABLE),
    Operation(GET, TRANSACTIONS, of.BalanceTransactionListParams, balance.list_transactions, balance.TABLE, many=True),
    Operation(
        GET, f"{TRANSACTIONS}/{{key}}", of.BalanceTransactionRetrieveParams, balance.retrieve_transaction, balance.TABLE
    ),
    Operation(GET, "/v1/balance", of.BalanceRetrieveParams, balance.balance, "balance"),
    Operation(GET, "/v1/account", of.AccountRetrieveCurrentParams, balance.account, "account"),
)
