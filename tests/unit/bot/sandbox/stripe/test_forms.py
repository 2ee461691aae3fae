"""The form encoding, against stripe-python's own encoder."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from bot.sandbox.stripe.errors import ApiError
from bot.sandbox.stripe.forms import DEPTH_LIMIT, decoded

NAMES = st.text("abcdefg_", min_size=1, max_size=6)
TREES = st.recursive(
    st.text(max_size=8),
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(NAMES, inner, min_size=1, max_size=3),
    max_leaves=12,
)


def depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((depth(one) for one in inner), default=0)


def numbered(value: Any) -> Any:
    """Lists as they travel: objects with numbers for keys."""
    if isinstance(value, list):
        return {str(place): numbered(one) for place, one in enumerate(value)}
    return {name: numbered(one) for name, one in value.items()} if isinstance(value, dict) else value


@given(st.dictionaries(NAMES, TREES, max_size=4))
def test_what_stripe_python_encodes_is_read_again(tree: dict[str, Any]) -> None:
    if all(depth(value) <= DEPTH_LIMIT for value in tree.values()):
        assert decoded(_api_encode(tree)) == numbered(tree)


def test_a_nested_list_is_numbered() -> None:
    assert decoded([("a[b][0][c]", "1"), ("a[b][1][c]", "")]) == {"a": {"b": {"0": {"c": "1"}, "1": {"c": ""}}}}
    assert decoded([("types[]", "x"), ("types[]", "y")]) == {"types": {"0": "x", "1": "y"}}


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "1"), ("a", "2")],
        [("a", "1"), ("a[b]", "2")],
        [("a[b]", "1"), ("a", "2")],
        [("a[b", "1")],
        [("[a]", "1")],
        [("", "1")],
        [("a]b", "1")],
        [("a" + "[b]" * DEPTH_LIMIT, "1")],
    ],
)
def test_what_contradicts_itself_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(ApiError):
        decoded(pairs)
