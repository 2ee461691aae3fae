"""Checks parameters against the types that stripe-python generates from Stripe's own description of its API.

Strict, as Stripe is: nothing unknown, everything required, every value of its type. The types allow any text beside the
values of an enumeration, so that old programs take new values in answers; a request has no need of that.
"""

import functools
import re
import sys
import types
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions

from bot.sandbox.stripe.errors import ApiError, invalid, missing_parameter, unsupported

Json = dict[str, Any]
#: Options of a call, which stripe-python mixes into each of its parameter types and sends as headers.
OPTIONS = frozenset(RequestOptions.__annotations__)
INTEGER = re.compile(r"-?[0-9]{1,18}")
BOOLEANS = {"true": True, "false": False}
_MISFIT = "Invalid {name}: this is not what the parameter takes"


def checked(kind: Any, tree: Json, at: str = "") -> Json:
    """The typed values of a tree of texts; `kind` is a ``TypedDict`` of ``stripe.params``. Raises `ApiError` 400."""
    fields = _fields(kind)
    for name in tree:
        if name not in fields:
            raise invalid(f"Received unknown parameter: {_inside(at, name)}", _inside(at, name), "parameter_unknown")
    for name in sorted(kind.__required_keys__ - OPTIONS):
        if name not in tree:
            raise missing_parameter(_inside(at, name))
    return {name: _value(fields[name], raw, _inside(at, name)) for name, raw in tree.items()}


def require_supported(values: Json, names: frozenset[str]) -> None:
    """Refuses what Stripe knows and the stand-in does not; `names` such as ``line_items.quantity`` allow all below."""
    for path in _paths(values):
        parts = path.split(".")
        if not any(".".join(parts[:length]) in names for length in range(1, len(parts) + 1)):
            raise unsupported(path)


def _paths(value: Any, at: str = "") -> Iterator[str]:
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _paths(inner, f"{at}.{name}" if at else name)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _paths(inner, at)
    elif at:
        yield at


@functools.cache
def _fields(kind: Any) -> dict[str, Any]:
    # The options' own types are imported for type checkers only, so they are taken out before names are looked up.
    own = {name: hint for name, hint in kind.__annotations__.items() if name not in OPTIONS}
    bare = type("Fields", (), {"__annotations__": own})
    hints = get_type_hints(bare, globalns=vars(sys.modules[kind.__module__]), include_extras=True)
    return {name: _unwrapped(hint) for name, hint in hints.items()}


def _unwrapped(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) in (NotRequired, Required) else hint


def _has_fields(kind: Any) -> bool:
    """A ``TypedDict``, be it the one of ``typing`` or of ``typing_extensions``."""
    return hasattr(kind, "__required_keys__")


def _inside(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _value(kind: Any, raw: Any, at: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), raw, at)
    if isinstance(raw, dict):
        return _nested(kind, origin, raw, at)
    if origin is Literal:
        return _literal(get_args(kind), raw, at)
    reader = _READERS.get(kind)
    if reader is None:
        raise invalid(_MISFIT.format(name=at), at)
    return reader(raw, at)


def _nested(kind: Any, origin: Any, raw: Json, at: str) -> Any:
    if _has_fields(kind):
        return checked(kind, raw, at)
    if origin is dict:
        return {name: _value(get_args(kind)[1], inner, _inside(at, name)) for name, inner in raw.items()}
    if origin is list and list(raw) == [str(place) for place in range(len(raw))]:
        return [_value(get_args(kind)[0], inner, _inside(at, place)) for place, inner in raw.items()]
    raise invalid("Invalid array" if origin is list else _MISFIT.format(name=at), at)


def _one_of(kinds: tuple[Any, ...], raw: Any, at: str) -> Any:
    enumerated = [kind for kind in kinds if get_origin(kind) is Literal and set(get_args(kind)) != {""}]
    refusal = invalid(_MISFIT.format(name=at), at)
    for kind in kinds:
        if kind is str and enumerated:
            continue
        try:
            return _value(kind, raw, at)
        except ApiError as error:
            # The words of the alternative that is an object or an enumeration say the most.
            if isinstance(raw, dict) == _has_fields(kind):
                refusal = error
    raise refusal


def _literal(values: tuple[Any, ...], raw: str, at: str) -> Any:
    by_text = {str(value).lower() if isinstance(value, bool) else str(value): value for value in values}
    if raw not in by_text:
        raise invalid(f"Invalid {at}: must be one of {', '.join(by_text)}", at)
    return by_text[raw]


def _integer(raw: str, at: str) -> int:
    if not INTEGER.fullmatch(raw):
        raise invalid(f"Invalid integer: {raw[:40]}", at, "parameter_invalid_integer")
    return int(raw)


def _boolean(raw: str, at: str) -> bool:
    if raw not in BOOLEANS:
        raise invalid(f"Invalid boolean: {raw[:40]}", at)
    return BOOLEANS[raw]


def _decimal(raw: str, at: str) -> Decimal:
    try:
        value = Decimal(raw) if raw.isascii() and len(raw) <= 40 else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise invalid(f"Invalid decimal: {raw[:40]}", at, "parameter_invalid_decimal")
    return value


def _text(raw: str, at: str) -> str:
    return raw


_READERS = {int: _integer, bool: _boolean, Decimal: _decimal, str: _text}
