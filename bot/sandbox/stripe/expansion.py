"""Expansion (https://docs.stripe.com/api/expanding_objects): an id in an answer is replaced by its object."""

from collections.abc import Iterable

from bot.sandbox.stripe import charges, disputes, payment_intents, refunds, sessions
from bot.sandbox.stripe.errors import invalid
from bot.sandbox.stripe.pages import as_list
from bot.sandbox.stripe.state import Json, State

DEPTH_LIMIT = 4
ITEM = "item"
#: (object, field) -> what the field becomes.
FIELDS = {
    (sessions.TABLE, "payment_intent"): payment_intents.TABLE,
    (sessions.TABLE, "line_items"): ITEM,
    (payment_intents.TABLE, "latest_charge"): charges.TABLE,
    (charges.TABLE, "payment_intent"): payment_intents.TABLE,
    (charges.TABLE, "balance_transaction"): "balance_transaction",
    (charges.TABLE, "refunds"): refunds.TABLE,
    (refunds.TABLE, "charge"): charges.TABLE,
    (refunds.TABLE, "payment_intent"): payment_intents.TABLE,
    (refunds.TABLE, "balance_transaction"): "balance_transaction",
    (refunds.TABLE, "failure_balance_transaction"): "balance_transaction",
    (disputes.TABLE, "charge"): charges.TABLE,
    (disputes.TABLE, "payment_intent"): payment_intents.TABLE,
}


def require_expandable(paths: Iterable[str], kind: str, *, many: bool) -> None:
    """Raises `ApiError` 400 for a path that leads to nothing, before anything is done."""
    for path in paths:
        parts, reached = path.split("."), kind
        if many and parts.pop(0) != "data":
            raise _refused(path)
        if not 1 <= len(parts) <= DEPTH_LIMIT:
            raise _refused(path)
        for part in parts:
            if part == "data" and reached == refunds.TABLE:
                continue
            if (reached, part) not in FIELDS:
                raise _refused(path)
            reached = FIELDS[reached, part]


def expanded(state: State, value: Json, paths: Iterable[str]) -> Json:
    """The answer with its paths expanded."""
    for path in paths:
        value = _expand(state, value, path.split("."))
    return value


def _expand(state: State, value: Json, parts: list[str]) -> Json:
    if not parts:
        return value
    head, rest = parts[0], parts[1:]
    if value["object"] == "list":
        return {**value, "data": [_expand(state, one, rest) for one in value["data"]]}
    inner = _inner(state, value, head)
    return {**value, head: inner if inner is None else _expand(state, inner, rest)}


def _inner(state: State, value: Json, field: str) -> Json | None:
    """The object in place of a field's id; None stays None, and what is expanded stays as it is."""
    if field == "line_items":
        return sessions.line_items(state, value["id"])
    if field == "refunds":
        newest_first = refunds.refunds_of(state, value)[::-1]
        return value.get("refunds") or as_list(f"/v1/charges/{value['id']}/refunds", newest_first)
    inner = value[field]
    return state.get(FIELDS[value["object"], field], inner) if isinstance(inner, str) else inner


def _refused(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path[:80]}).", "expand")
