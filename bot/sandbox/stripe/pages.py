"""Lists: the newest first, a page at a time, by cursors (https://docs.stripe.com/api/pagination)."""

from collections.abc import Callable

from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.errors import invalid
from bot.sandbox.stripe.state import Json

LIMIT_DEFAULT = 10
LIMIT_MOST = 100
COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "gt": int.__gt__,
    "gte": int.__ge__,
    "lt": int.__lt__,
    "lte": int.__le__,
}


def listed(call: Call, table: str, is_wanted: Callable[[Json], bool] = lambda _: True) -> Json:
    """The page of a table that the call asks for by `limit`, `starting_after`, `ending_before` and `created`."""
    found = [one for one in call.state.newest(table) if _in_time(call, one) and is_wanted(one)]
    limit = call.params.get("limit", LIMIT_DEFAULT)
    if not 1 <= limit <= LIMIT_MOST:
        raise invalid(f"This value must be between 1 and {LIMIT_MOST}", "limit", "parameter_invalid_integer")
    after, before = call.params.get("starting_after"), call.params.get("ending_before")
    if after and before:
        raise invalid("You may only specify one of these parameters: ending_before, starting_after.")
    if before:
        newer, _ = _split(call, table, found, "ending_before")
        return as_list(call.path, newer[-limit:], has_more=len(newer) > limit)
    older = _split(call, table, found, "starting_after")[1] if after else found
    return as_list(call.path, older[:limit], has_more=len(older) > limit)


def as_list(url: str, data: list[Json], *, has_more: bool = False) -> Json:
    """A list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _split(call: Call, table: str, found: list[Json], param: str) -> tuple[list[Json], list[Json]]:
    """Those newer and those older than the cursor's object, which itself may be one that the filters leave out."""
    cursor = call.state.get(table, call.params[param], param)["id"]
    places = {one: place for place, one in enumerate(call.state.table(table))}
    newer = [one for one in found if places[one["id"]] > places[cursor]]
    return newer, [one for one in found if places[one["id"]] < places[cursor]]


def _in_time(call: Call, one: Json) -> bool:
    wanted = call.params.get("created")
    if wanted is None:
        return True
    if isinstance(wanted, int):
        return bool(one["created"] == wanted)
    return all(COMPARISONS[name](one["created"], bound) for name, bound in wanted.items())
