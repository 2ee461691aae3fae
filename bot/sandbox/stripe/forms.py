"""The form encoding of Stripe's API: ``a[b][0][c]=value`` is ``{"a": {"b": {"0": {"c": "value"}}}}``.

Only the type of a parameter tells a list from an object with numbers for keys, so lists are made by the validation.
"""

import re
from collections.abc import Iterable
from typing import Any

from bot.sandbox.stripe.errors import invalid

Json = dict[str, Any]
NAME = re.compile(r"(?P<head>[^\[\]]+)(?P<rest>(?:\[[^\[\]]*\])*)")
PART = re.compile(r"\[([^\[\]]*)\]")
DEPTH_LIMIT = 8


def decoded(pairs: Iterable[tuple[str, str]]) -> Json:
    """The parameters as nested objects, whose leaves are strings; raises `ApiError` 400."""
    tree: Json = {}
    for name, value in pairs:
        _put(tree, _parts(name), value, name)
    return tree


def _parts(name: str) -> list[str]:
    found = NAME.fullmatch(name)
    parts = [found["head"], *PART.findall(found["rest"])] if found else []
    if not found or len(parts) > DEPTH_LIMIT:
        raise invalid(f"Invalid parameter name: {name[:100]}", name[:100])
    return parts


def _put(tree: Json, parts: list[str], value: str, name: str) -> None:
    for part in parts[:-1]:
        tree = tree.setdefault(_key(tree, part), {})
        if not isinstance(tree, dict):
            raise invalid(f"Invalid parameter: {name} is given twice", name)
    key = _key(tree, parts[-1])
    if key in tree:
        raise invalid(f"Invalid parameter: {name} is given twice", name)
    tree[key] = value


def _key(tree: Json, part: str) -> str:
    """``[]`` stands for the next place of a list."""
    return part or str(len(tree))
