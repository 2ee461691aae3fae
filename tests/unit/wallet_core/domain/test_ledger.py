"""Double entry: what balances, what is refused, and that a refusal leaves nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet_core.world import NOON, World
from wallet_core.domain.accounts import PLATFORM_ACCOUNTS, Account, Side, available, held
from wallet_core.domain.changes import Insert
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.guards import ChangeGuards, Guards, set_role
from wallet_core.domain.journal import JournalRecord, Slot, is_changed, journal_document
from wallet_core.domain.ledger import (
    Balance,
    ChangeBalance,
    Entry,
    Message,
    Posting,
    all_changes,
    balance_id,
    check_balanced,
    credit,
    debit,
    decide,
    time_of,
)
from wallet_core.domain.money import MAX_MINOR, Asset
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail
from wallet_core.domain.record import Target

TRADING = Account(Asset.ITD, "trading")
HOT = Account(Asset.ETH, "hot")
EQUITY = Account(Asset.ETH, "equity")


def given_to(person: int, minor: int, key: str = "gift") -> Posting:
    return Posting(key, "gift", "test", entries=(debit(TRADING, minor), credit(available(person), minor)))


def balance(minor: int, account: Account) -> dict[str, object]:
    return {"_id": balance_id(account), "account": account.id, "balance_minor": minor, "at": NOON}


# Accounts


def test_accounts_are_named_by_asset_and_person() -> None:
    assert HOT.id == "ETH:hot"
    assert available(42).id == "ITD:person:42:available"
    assert held(42).id == "ITD:person:42:held"


@pytest.mark.parametrize(("name", "side"), PLATFORM_ACCOUNTS.items())
def test_an_entry_on_the_side_on_which_an_account_grows_raises_it(name: str, side: Side) -> None:
    account = Account(Asset.ETH, name)
    other = Side.CREDIT if side is Side.DEBIT else Side.DEBIT
    assert Entry(account, side, 5).delta_minor == 5
    assert Entry(account, other, 5).delta_minor == -5


def test_what_we_owe_to_a_person_grows_on_the_credit_side() -> None:
    assert credit(available(1), 5).delta_minor == 5
    assert debit(held(1), 5).delta_minor == -5


def test_an_account_that_is_not_in_the_chart_cannot_be_posted_to() -> None:
    with pytest.raises(KeyError):
        _ = Account(Asset.ETH, "pocket").grows_on


# Balanced or not


def test_an_unbalanced_posting_never_reaches_the_books() -> None:
    with pytest.raises(InvariantViolated, match="unbalanced"):
        check_balanced(Posting("k", "x", "test", entries=(debit(TRADING, 5), credit(available(1), 4))))


def test_one_asset_does_not_balance_another() -> None:
    with pytest.raises(InvariantViolated, match="unbalanced"):
        check_balanced(Posting("k", "x", "test", entries=(debit(HOT, 5), credit(available(1), 5))))


@pytest.mark.parametrize("minor", [0, -1, MAX_MINOR + 1])
def test_an_entry_of_nothing_or_less_or_too_much_is_a_violation(minor: int) -> None:
    with pytest.raises(InvariantViolated, match="out of range"):
        check_balanced(given_to(1, minor))


@given(minor=st.integers(1, MAX_MINOR))
def test_every_amount_that_can_be_stored_can_be_posted(minor: int) -> None:
    check_balanced(given_to(1, minor))


async def test_an_unbalanced_posting_changes_nothing(world: World) -> None:
    with pytest.raises(InvariantViolated):
        await world.post(entries=(debit(TRADING, 5),), changes=(set_role(1, Role.OWNER, 1, str),))
    assert world.memory.documents == {}


# Balances


def test_a_person_never_has_less_than_nothing() -> None:
    with pytest.raises(Refused) as refused:
        ChangeBalance(available(1), -6).apply(balance(5, available(1)), NOON)
    assert refused.value.reason is Reason.INSUFFICIENT_FUNDS
    assert refused.value.facts == {"available_minor": 5, "needed_minor": 6}


def test_a_person_may_spend_the_last_unit() -> None:
    assert ChangeBalance(available(1), -5).apply(balance(5, available(1)), NOON)["balance_minor"] == 0


def test_the_house_may_owe_itself() -> None:
    assert ChangeBalance(TRADING, -5).apply(None, NOON) == balance(-5, TRADING)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_balance_beyond_what_can_be_stored_is_a_violation(sign: int) -> None:
    with pytest.raises(InvariantViolated, match="out of range"):
        ChangeBalance(TRADING, sign).apply(balance(sign * MAX_MINOR, TRADING), NOON)


def test_entries_of_one_account_are_one_change_of_its_balance() -> None:
    entries = (debit(TRADING, 5), credit(available(1), 3), credit(available(1), 2))
    changes = all_changes(Posting("k", "x", "test", entries=entries))
    assert set(changes) == {ChangeBalance(TRADING, -5), ChangeBalance(available(1), 5)}


def test_money_that_comes_back_to_where_it_was_touches_no_balance() -> None:
    entries = (debit(available(1), 5), credit(available(1), 5))
    assert all_changes(Posting("k", "x", "test", entries=entries)) == ()


# The decision


def test_guards_are_decided_before_the_balance_so_that_the_person_hears_of_the_first_of_them() -> None:
    def never(_guards: Guards, _now: object) -> dict[str, object]:
        raise Refused(Reason.FROZEN)

    posting = replace(given_to(1, 5), entries=(debit(available(1), 5), credit(TRADING, 5)))
    posting = replace(posting, changes=(ChangeGuards(1, never),))
    with pytest.raises(Refused) as refused:
        decide(all_changes(posting), {change.target: None for change in all_changes(posting)}, NOON, NOON)
    assert refused.value.reason is Reason.FROZEN


def test_two_changes_of_one_document_see_each_other() -> None:
    def one_more(guards: Guards, _now: object) -> dict[str, object]:
        return guards.with_(failures=guards.failures + 1)

    posting = Posting("k", "x", "test", changes=(ChangeGuards(1, one_more), ChangeGuards(1, one_more)))
    after = decide(all_changes(posting), {Target("guards", 1): None}, NOON, NOON)
    assert after[Target("guards", 1)]["failures"] == 2


def test_deciding_leaves_the_documents_that_it_was_given_as_they_were() -> None:
    trading = Target("accounts", balance_id(TRADING))
    documents = {trading: balance(0, TRADING), Target("accounts", available(1).id): None}
    decide(all_changes(given_to(1, 5)), documents, NOON, NOON)
    assert documents[trading] == balance(0, TRADING)


async def test_a_refused_posting_leaves_no_trace_and_its_key_is_still_free(world: World) -> None:
    taken = Posting(
        "spend",
        "spent",
        "test",
        entries=(debit(available(1), 5), credit(TRADING, 5)),
        changes=(Insert(Rail(id=Asset.ETH)),),
        messages=(Message(1, "sent"),),
    )
    with pytest.raises(Refused):
        await world.memory.post(taken)
    assert world.memory.documents == {}
    await world.memory.post(given_to(1, 5))
    assert not (await world.memory.post(taken)).replayed


# Messages


async def test_messages_are_written_by_the_posting_that_they_tell_of(world: World) -> None:
    await world.memory.post(
        replace(given_to(1, 5), messages=(Message(1, "first", {"x": 1}, thread="t"), Message(2, "second")))
    )
    first, second = await world.memory.find(OutboxMessage, {}, order_by=("order",))
    assert (first.id, first.person, first.template, first.facts, first.thread) == ("gift#0", 1, "first", {"x": 1}, "t")
    assert (second.id, second.person, second.order) == ("gift#1", 2, 1)
    assert first.at == second.at == NOON


# Idempotency


async def test_the_same_posting_twice_moves_the_money_once(world: World) -> None:
    first = await world.memory.post(given_to(1, 5))
    world.clock.turn(hours=1)
    second = await world.memory.post(given_to(1, 5))
    assert (first.replayed, second.replayed) == (False, True)
    assert (second.key, second.at, second.facts) == (first.key, first.at, first.facts)
    assert world.memory.documents[Target("accounts", available(1).id)]["balance_minor"] == 5


async def test_a_key_is_known_a_year_later(world: World) -> None:
    first = await world.memory.post(given_to(1, 5))
    world.clock.turn(days=366)
    again = await world.memory.post(given_to(1, 5))
    assert (again.replayed, again.at) == (True, first.at)
    with pytest.raises(InvariantViolated, match="other content"):
        await world.memory.post(given_to(1, 6))


def test_a_clock_that_was_set_back_does_not_turn_an_accounts_records_round() -> None:
    touched = {Target("accounts", balance_id(available(1))): balance(5, available(1)), Target("guards", 1): None}
    before = NOON - timedelta(hours=1)
    assert time_of(touched, before) == NOON + timedelta(milliseconds=1)
    later = NOON + timedelta(seconds=1)
    assert time_of(touched, later) == later
    assert time_of({Target("guards", 1): {"_id": 1}}, before) == before


@pytest.mark.parametrize(
    "other",
    [
        given_to(1, 6),
        given_to(2, 5),
        replace(given_to(1, 5), kind="other"),
        replace(given_to(1, 5), facts={"intent": "b"}),
        replace(given_to(1, 5), entries=()),
    ],
)
async def test_a_key_with_other_content_is_a_violation_and_moves_nothing(world: World, other: Posting) -> None:
    await world.memory.post(given_to(1, 5))
    before = dict(world.memory.documents)
    with pytest.raises(InvariantViolated, match="other content"):
        await world.memory.post(other)
    assert world.memory.documents == before


def test_the_digest_does_not_depend_on_the_order_of_facts_nor_on_who_is_told() -> None:
    one = replace(given_to(1, 5), facts={"a": 1, "b": 2})
    other = replace(one, facts={"b": 2, "a": 1}, by="another process", messages=(Message(1, "x"),), people=(1,))
    assert one.digest() == other.digest()


def test_the_digest_of_today_is_the_digest_of_tomorrow() -> None:
    # Stored for ever: if this changes, every old record looks tampered with. Made by sha256sum from the text below.
    # ["gift", [["ITD:trading", "debit", 5], ["ITD:person:42:available", "credit", 5]], {"intent": "abc"}]
    posting = replace(given_to(42, 5), facts={"intent": "abc"})
    assert posting.digest() == "4268f37a05a9e57535474bb11add71a008fd22ef896154b206ac4ed36a31db7e"


def test_the_journal_keeps_what_the_digest_was_made_of() -> None:
    posting = replace(given_to(1, 5), facts={"intent": "a"}, people=(1,))
    after = decide(all_changes(posting), {change.target: None for change in all_changes(posting)}, NOON, NOON)
    kept = journal_document(posting, after, Slot("writer:1", 0, NOON))
    assert not is_changed(kept)
    record = JournalRecord.of(kept)
    assert record.digest == posting.digest()
    assert [(e.account, e.side, e.amount_minor, e.after_minor) for e in record.entries] == [
        ("ITD:trading", Side.DEBIT, 5, None),
        ("ITD:person:1:available", Side.CREDIT, 5, 5),
    ]


# Everything together


@given(
    moves=st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 100)),
        max_size=30,
    )
)
async def test_whatever_is_posted_the_books_balance_and_nobody_is_below_zero(
    moves: list[tuple[int, int, int]],
) -> None:
    world = World()
    await world.memory.post(given_to(1, 150))
    for number, (sender, recipient, minor) in enumerate(moves):
        entries = (debit(available(sender), minor), credit(available(recipient), minor))
        try:
            await world.memory.post(Posting(f"move:{number}", "moved", "test", entries=entries))
        except Refused as refused:
            assert refused.reason is Reason.INSUFFICIENT_FUNDS
    balances = await world.memory.find(Balance, {})
    people = [b.balance_minor for b in balances if ":person:" in b.id]
    assert sum(people) == 150
    assert min(people) >= 0
    assert world.sums() == {"ITD": 0}
