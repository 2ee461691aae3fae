"""Every kind of record that the program writes has one topic: the kinds are read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.views.kinds import TELLERS
from wallet_core.domain.history import KINDS, Filter, Topic, kinds_of
from wallet_core.domain.hold import HoldState
from wallet_core.domain.intent import IntentKind
from wallet_core.domain.payout import PayoutState

ROOT = Path(__file__).resolve().parents[4]
#: Kinds that are put together, and what they come to.
COMPOSED = {
    "f'{intent.kind}_offered'": {f"{kind}_offered" for kind in IntentKind},
    "f'{intent.kind}_refused'": {f"{kind}_refused" for kind in (IntentKind.WITHDRAWAL, IntentKind.REFUND)},
    "f'{intent.kind}_not_wanted'": {f"{kind}_not_wanted" for kind in IntentKind},
    "f'withdrawal_{after}'": {f"withdrawal_{state}" for state in (PayoutState.CANCELLED, PayoutState.REFUSED)},
    "f'hold_{to_state}'": {f"hold_{state}" for state in (HoldState.VOIDED, HoldState.EXPIRED)},
}
#: The worker's own way of making postings hands its kind on.
HANDED_ON = {"kind"}
#: Never in anybody's history: their postings name no people.
UNSEEN = {
    *(kind for kind in KINDS if kind.endswith(("_offered", "_not_wanted"))),
    *("limit_returned", "batch_signed", "batch_marked", "batch_reorganised", "batch_abandoned"),
    *("code_attempted", "code_used_up"),
}


def kinds_in(source: str) -> Iterator[str]:
    """The kinds of all postings that a module makes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            position = _position_of_kind(node.func)
            if position is not None:
                yield from _values(_argument(node, position))


def _position_of_kind(function: ast.expr) -> int | None:
    match function:
        case ast.Name("Posting") | ast.Attribute(attr="Posting"):
            return 1
        case ast.Attribute(attr="posting" | "posting_once"):
            return 0
        case ast.Name("steering" | "change_own" | "steer"):
            return 3
        case ast.Name("changing"):
            return 1
    return None


def _argument(call: ast.Call, position: int) -> ast.expr | None:
    named = (keyword.value for keyword in call.keywords if keyword.arg == "kind")
    return next(named, call.args[position] if len(call.args) > position else None)


def _values(kind: ast.expr | None) -> Iterator[str]:
    match kind:
        case ast.Constant(value=str(value)):
            yield value
        case ast.IfExp(body=body, orelse=orelse):
            yield from (*_values(body), *_values(orelse))
        case ast.JoinedStr():
            yield from COMPOSED[ast.unparse(kind)]
        case ast.expr() if ast.unparse(kind) not in HANDED_ON:
            raise AssertionError(f"what kinds can this be? {ast.unparse(kind)}")


def kinds_of_the_program() -> set[str]:
    files = (path for folder in ("wallet_core", "bot", "payout_worker") for path in (ROOT / folder).rglob("*.py"))
    return {kind for path in files for kind in kinds_in(path.read_text())}


def test_every_kind_that_the_program_writes_has_a_topic_and_no_topic_is_about_nothing() -> None:
    assert kinds_of_the_program() == KINDS.keys()


def test_every_kind_belongs_to_exactly_one_filter_or_to_the_house() -> None:
    topics = [topic for topic in Topic if topic is not Topic.HOUSE]
    assert {Filter(topic.value) for topic in topics} == set(Filter) - {Filter.ALL, Filter.IN, Filter.OUT}
    assert sorted(kind for topic in Topic for kind in kinds_of(topic)) == sorted(KINDS)


def test_every_kind_that_stands_in_a_history_has_words() -> None:
    assert TELLERS.keys() == KINDS.keys() - UNSEEN - set(kinds_of(Topic.HOUSE))


def test_a_kind_that_is_put_together_in_a_new_way_is_noticed() -> None:
    with pytest.raises(KeyError):
        list(kinds_in('Posting(key, f"{something}_new", by)'))
    with pytest.raises(AssertionError, match="what kinds can this be"):
        list(kinds_in("Posting(key, name, by)"))
    assert list(kinds_in('x.Posting(key, kind="a" if b else "c", by=d)')) == ["a", "c"]
