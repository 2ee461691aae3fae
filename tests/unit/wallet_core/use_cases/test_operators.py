"""What only an operator does: roles, funding, and proving that the books are right."""

import pytest

from tests.unit.wallet_core.world import ADDRESS, ETH, ITD, SEED, World
from wallet_core.adapters.seed_file import public_info
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.ledger import Balance, Entry, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Batch, BatchState, PayoutState, Withdrawal, move_payout
from wallet_core.domain.people import Caller, Role
from wallet_core.domain.record import Target
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.fund_hot_wallet import fund_hot_wallet
from wallet_core.use_cases.grant_role import grant_role
from wallet_core.use_cases.quote_withdrawal import quote_withdrawal
from wallet_core.use_cases.request_withdrawal import request_withdrawal
from wallet_core.use_cases.verify_books import Chain, verify_books

HOT = public_info(SEED)["hot"]["ETH"]
HOT_BTC = public_info(SEED)["hot"]["BTC"]


class FixedBalances:
    """A node on which every address has what a test says."""

    def __init__(self, **minor: int) -> None:
        self.minor = minor

    async def balance_minor(self, address: str) -> int:
        return self.minor.get(address, 0)


class SilentNode:
    async def balance_minor(self, address: str) -> int:
        raise Unavailable(f"nothing is known of {address}")


async def gaps(world: World, balances: FixedBalances | SilentNode | None = None) -> list[str]:
    chains = {Asset.ETH: Chain(balances, HOT, 10**9)} if balances else {}
    return (await verify_books(world.ports, chains)).gaps


@pytest.fixture
async def alice(world: World) -> Caller:
    await world.open_rail()
    alice = await world.person(1)
    await world.fund(alice, 100)
    return alice


async def withdraw(world: World, caller: Caller) -> Withdrawal:
    intent = (await quote_withdrawal(world.ports, caller, "20", "ETH", ADDRESS)).intent.id
    return await request_withdrawal(world.ports, caller, intent, await world.code(caller))


# Roles and funding


async def test_a_role_is_given_and_taken_and_both_are_written_down(world: World, alice: Caller) -> None:
    await grant_role(world.ports, 1, Role.FINANCE)
    assert (await world.guards(alice)).role is Role.FINANCE
    await grant_role(world.ports, 1, None)
    assert (await world.guards(alice)).role is None
    kinds = [r.kind async for r in world.memory.scan(JournalRecord, {"by": "operator"})]
    assert sorted(kinds) == ["role_granted", "role_taken"]


async def test_a_transfer_is_booked_once_however_its_txid_is_written(world: World) -> None:
    first = await fund_hot_wallet(world.ports, Asset.ETH, "12.5", "0xABC")
    again = await fund_hot_wallet(world.ports, Asset.ETH, "12.5", "0xabc")
    assert (first.replayed, again.replayed) == (False, True)
    assert await balance_minor(world.memory, Account(Asset.ETH, "hot")) == 25 * ETH // 2


async def test_the_same_transfer_with_another_amount_is_a_violation(world: World) -> None:
    await fund_hot_wallet(world.ports, Asset.ETH, "12.5", "0xabc")
    with pytest.raises(InvariantViolated):
        await fund_hot_wallet(world.ports, Asset.ETH, "12.6", "0xabc")


async def test_an_amount_that_is_none_books_nothing(world: World) -> None:
    with pytest.raises(Refused) as refused:
        await fund_hot_wallet(world.ports, Asset.ETH, "-1", "0xabc")
    assert refused.value.reason is Reason.BAD_AMOUNT
    assert world.memory.documents == {}


# Verifying


async def test_what_comes_back_from_the_cold_wallet_is_booked_once_with_its_fee(world: World) -> None:
    await fund_hot_wallet(world.ports, Asset.ETH, "2", "0xABC", cold_fee_text="0.001")
    again = await fund_hot_wallet(world.ports, Asset.ETH, "2", "0xabc", cold_fee_text="0.001")
    assert again.replayed
    names = ("hot", "cold", "expense:network")
    sums = [await balance_minor(world.memory, Account(Asset.ETH, name)) for name in names]
    assert sums == [2 * 10**18, -2_001 * 10**15, 10**15]
    # And never as the house's own coins as well.
    with pytest.raises(InvariantViolated):
        await fund_hot_wallet(world.ports, Asset.ETH, "2", "0xabc")


async def test_honest_books_have_no_gap(world: World, alice: Caller) -> None:
    await withdraw(world, alice)
    heard: list[int] = []
    found = await verify_books(world.ports, {}, heard.append)
    assert found.gaps == []
    assert heard == list(range(1, found.records + 1))
    assert found.accounts == await world.memory.count(Balance, {})


async def test_a_balance_that_somebody_raised_is_found(world: World, alice: Caller) -> None:
    account = f"ITD:person:{alice.person}:available"
    world.memory.documents[Target("accounts", account)]["balance_minor"] += 1
    assert await gaps(world) == [f"{account}: the balance is 100.000001, its entries make 100"]


async def test_a_record_that_somebody_rewrote_is_found(world: World, alice: Caller) -> None:
    target, record = next(
        (t, d) for t, d in world.memory.documents.items() if t.collection == "journal" and d["entries"]
    )
    world.memory.documents[target] = {**record, "facts": {"intent": "another"}}
    assert await gaps(world) == [f"{target.id}: the record was changed after it was written"]


@pytest.mark.usefixtures("alice")
async def test_a_record_that_somebody_deleted_is_found(world: World) -> None:
    target = next(t for t, d in world.memory.documents.items() if t.collection == "journal" and d["entries"])
    del world.memory.documents[target]
    found = await gaps(world)
    assert found[0].startswith(f"{target.id}: the record was deleted")
    assert len([gap for gap in found if "its entries make" in gap]) == 4


async def test_a_hold_without_a_withdrawal_is_found_and_a_withdrawal_without_a_hold(
    world: World, alice: Caller
) -> None:
    withdrawal = await withdraw(world, alice)
    target = Target("withdrawals", withdrawal.id)
    world.memory.documents[target] = {**world.memory.documents[target], "state": PayoutState.CANCELLED}
    assert await gaps(world) == ["ITD:person:1:held: 20500000 is held, 0 is promised"]


async def test_the_hot_wallet_has_on_chain_what_the_books_say(world: World) -> None:
    await fund_hot_wallet(world.ports, Asset.ETH, "2", "0x1")
    assert await gaps(world, FixedBalances(**{HOT: 2 * ETH})) == []
    (gap,) = await gaps(world, FixedBalances(**{HOT: ETH}))
    assert gap.startswith("ETH:hot: the books have 2, the chain has 1")
    (gap,) = await gaps(world, FixedBalances(**{HOT: 3 * ETH}))
    assert "the chain has 3" in gap


async def test_what_is_on_its_way_may_be_missing_on_the_chains_side(world: World) -> None:
    await world.open_rail()
    alice = await world.person(1)
    await fund_hot_wallet(world.ports, Asset.ETH, "2", "0x1")
    await world.post(entries=_gift(alice))
    withdrawal = await withdraw(world, alice)
    moved = move_payout(withdrawal.id, PayoutState.QUEUED, PayoutState.BATCHED, batch="b")
    await world.post(changes=(moved,))
    batch = Batch(id="b", asset=Asset.ETH, state=BatchState.BROADCAST, payouts=(withdrawal.id,), sender=HOT, nonce=0)
    world.memory.documents[Target("batches", "b")] = batch.document()
    left = 2 * ETH - withdrawal.coin_minor - 21_000 * 10**9
    assert await gaps(world, FixedBalances(**{HOT: left})) == []
    assert len(await gaps(world, FixedBalances(**{HOT: ETH}))) == 1


def _gift(caller: Caller) -> tuple[Entry, ...]:
    return debit(Account(Asset.ITD, "trading"), 100 * ITD), credit(available(caller.person), 100 * ITD)


async def test_coins_in_flight_may_be_missing_with_the_fee_that_a_batch_may_cost(world: World) -> None:
    await fund_hot_wallet(world.ports, Asset.BTC, "2", "ab" * 32)
    assert await balance_minor(world.memory, Account(Asset.BTC, "hot")) == 2 * 10**8
    batch = Batch(id="b", asset=Asset.BTC, state=BatchState.BROADCAST, payouts=(), sender=HOT_BTC, inputs=("a:0",))
    world.memory.documents[Target("batches", "b")] = batch.document()

    async def found(chain_minor: int) -> list[str]:
        chain = Chain(FixedBalances(**{HOT_BTC: chain_minor}), HOT_BTC, max_batch_fee_minor=1_000)
        return (await verify_books(world.ports, {Asset.BTC: chain})).gaps

    assert await found(2 * 10**8) == await found(2 * 10**8 - 1_000) == []
    (gap,) = await found(2 * 10**8 - 1_001)
    assert gap.startswith("BTC:hot: the books have 2, the chain has 1.99998999, and at most 0.00001 is on its way")
    (gap,) = await found(2 * 10**8 + 1)
    assert "the chain has 2.00000001" in gap


async def test_when_the_node_is_silent_nothing_is_called_right(world: World) -> None:
    with pytest.raises(Unavailable):
        await gaps(world, SilentNode())


@pytest.mark.usefixtures("alice")
async def test_deposits_that_no_invoice_explains_are_found(world: World) -> None:
    (gap,) = await gaps(world, FixedBalances())
    assert gap == "ETH:deposits is not the sum of what the invoices received, less what was swept"
