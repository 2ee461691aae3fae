"""Idempotency keys (https://docs.stripe.com/api/idempotent_requests).

The first answer of a request that was begun is kept, a refusal too; what was refused for its parameters is not.
"""

from typing import Any

from bot.sandbox.stripe.errors import ApiError, invalid
from bot.sandbox.stripe.state import Json, State

TABLE = "idempotency"
KEY_LENGTH = 255
ERROR = "idempotency_error"


def kept(state: State, key: str, path: str, pairs: list[Any]) -> Json | None:
    """The first answer to the same request; None for a new key. Raises `ApiError` 400 for another request."""
    if len(key) > KEY_LENGTH:
        raise invalid(f"Idempotency keys can be up to {KEY_LENGTH} characters long")
    found = state.table(TABLE).get(key)
    if found is None:
        return None
    if found["path"] != path:
        raise ApiError(400, _other("endpoint", f" ({found['path']})", key), kind=ERROR)
    if found["pairs"] != _comparable(pairs):
        raise ApiError(400, _other("parameters", "", key), kind=ERROR)
    return found


def keep(state: State, key: str, path: str, pairs: list[Any], answer: Json) -> None:
    """Remembers an answer: `status`, `body` and `request_id`."""
    state.keep(TABLE, key, {"path": path, "pairs": _comparable(pairs), **answer})


def _comparable(pairs: list[Any]) -> list[list[str]]:
    return sorted([name, value] for name, value in pairs)


def _other(what: str, used: str, key: str) -> str:
    return (
        f"Keys for idempotent requests can only be used with the same {what} they were first used with{used}. "
        f"Try using a key other than '{key}' if you meant to execute a different request."
    )
