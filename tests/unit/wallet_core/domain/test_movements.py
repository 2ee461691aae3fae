"""Movements: each balances in every asset, for every amount."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wallet_core.world import ETH, ETH_RATE_MINOR, ITD
from wallet_core.domain import movements
from wallet_core.domain.accounts import Account, available, held
from wallet_core.domain.ledger import Posting, all_changes, check_balanced
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries
from wallet_core.domain.quote import coins_out, itd_for

ASSETS = st.sampled_from([Asset.BTC, Asset.LTC, Asset.ETH])
MINOR = st.integers(1, 10**24)
MAYBE = st.integers(0, 10**24)
RATE = st.integers(1, 10**14)
ALICE, BOB = 1, 2


def changes_of(entries: Entries) -> dict[Account, int]:
    """By how much each balance changes; the entries must make a posting that the ledger takes."""
    posting = Posting("key", "kind", "test", entries=entries)
    check_balanced(posting)
    return {change.account: change.delta_minor for change in all_changes(posting)}  # type: ignore[attr-defined]  # of balances


@given(amount=MINOR, fee=MAYBE)
def test_a_send_takes_amount_and_fee_from_the_sender_and_gives_the_amount(amount: int, fee: int) -> None:
    changes = changes_of(movements.sent(ALICE, BOB, amount, fee))
    assert changes[available(ALICE)] == -(amount + fee)
    assert changes[available(BOB)] == amount
    assert changes.get(Account(Asset.ITD, "income:fees"), 0) == fee


@given(asset=ASSETS, coins=MINOR)
def test_the_houses_own_coins_are_its_equity(asset: Asset, coins: int) -> None:
    changes = changes_of(movements.hot_wallet_funded(asset, coins))
    assert changes == {Account(asset, "hot"): coins, Account(asset, "equity"): coins}


@given(total=MINOR)
def test_a_hold_that_is_voided_is_as_if_nothing_had_been(total: int) -> None:
    changes = changes_of(movements.withdrawal_held(ALICE, total))
    assert changes == {available(ALICE): -total, held(ALICE): total}
    sums: dict[Account, int] = defaultdict(int)
    for entry in (*movements.withdrawal_held(ALICE, total), *movements.withdrawal_voided(ALICE, total)):
        sums[entry.account] += entry.delta_minor
    assert set(sums.values()) == {0}


@given(asset=ASSETS, coins=MINOR, itd=MINOR, fee=MAYBE, rate=RATE, network=MAYBE)
def test_a_settlement_balances_whatever_the_terms_and_takes_exactly_what_was_held(
    *, asset: Asset, coins: int, itd: int, fee: int, rate: int, network: int
) -> None:
    terms = {"coin_minor": coins, "itd_minor": itd, "fee_minor": fee, "rate_minor": rate, "network_fee_minor": network}
    changes = changes_of(movements.withdrawal_settled(ALICE, asset, **terms))
    assert changes[held(ALICE)] == -(itd + fee)
    assert changes[Account(asset, "hot")] == -(coins + network)
    assert changes.get(Account(asset, "expense:network"), 0) == network
    assert changes.get(Account(Asset.ITD, "income:fees"), 0) == fee
    assert changes.get(Account(Asset.ITD, "income:rounding"), 0) >= 0


@given(asset=ASSETS, itd=st.integers(10**3, 10**15), rate=RATE)
def test_the_rest_of_a_quoted_withdrawal_is_less_than_one_unit_of_the_coin(asset: Asset, itd: int, rate: int) -> None:
    coins = coins_out(itd, rate, asset)
    if coins == 0:
        return
    terms = {"coin_minor": coins, "itd_minor": itd, "fee_minor": 0, "rate_minor": rate, "network_fee_minor": 0}
    changes = changes_of(movements.withdrawal_settled(ALICE, asset, **terms))
    rounding = changes.get(Account(Asset.ITD, "income:rounding"), 0)
    assert coins_out(rounding, rate, asset) == 0


@given(asset=ASSETS, coins=MINOR, itd=MAYBE, fee=MAYBE, rate=RATE)
def test_a_purchase_balances_whatever_arrived_and_no_coin_is_dropped(
    asset: Asset, coins: int, itd: int, fee: int, rate: int
) -> None:
    terms = {"coin_minor": coins, "itd_minor": itd, "fee_minor": fee, "rate_minor": rate}
    changes = changes_of(movements.purchase_credited(ALICE, asset, **terms))
    assert changes[Account(asset, "deposits")] == coins
    assert changes.get(available(ALICE), 0) == itd
    assert changes.get(Account(Asset.ITD, "trading"), 0) == -(itd + fee)
    kept = changes.get(Account(asset, "trading"), 0) + changes.get(Account(asset, "income:rounding"), 0)
    assert kept == coins


@given(asset=ASSETS, coins=MINOR, rate=RATE)
def test_what_is_above_the_limit_is_the_persons_and_waits(asset: Asset, coins: int, rate: int) -> None:
    itd = itd_for(coins, rate, asset)
    terms = {"coin_minor": coins, "itd_minor": itd, "fee_minor": 0, "rate_minor": rate}
    changes = changes_of(movements.purchase_held(ALICE, asset, **terms))
    assert changes.get(held(ALICE), 0) == itd
    assert available(ALICE) not in changes


@given(itd=MINOR)
def test_what_waited_for_a_limit_becomes_spendable_whole(itd: int) -> None:
    assert changes_of(movements.purchase_released(ALICE, itd)) == {held(ALICE): -itd, available(ALICE): itd}


@given(asset=ASSETS, fee=MINOR)
def test_a_reverted_transaction_costs_the_house_and_nobody_else(asset: Asset, fee: int) -> None:
    changes = changes_of(movements.network_fee_paid(asset, fee))
    assert changes == {Account(asset, "hot"): -fee, Account(asset, "expense:network"): fee}


def test_a_fee_of_nothing_makes_no_entry() -> None:
    assert movements.network_fee_paid(Asset.ETH, 0) == ()
    assert len(movements.sent(ALICE, BOB, 5, 0)) == 2


def test_a_withdrawal_of_one_ether_in_figures() -> None:
    entries = movements.withdrawal_settled(
        ALICE,
        Asset.ETH,
        coin_minor=ETH,
        itd_minor=2_000 * ITD,
        fee_minor=ITD // 2,
        rate_minor=ETH_RATE_MINOR,
        network_fee_minor=21_000 * 10**9,
    )
    assert changes_of(entries) == {
        held(ALICE): -2_000 * ITD - ITD // 2,
        Account(Asset.ITD, "trading"): 2_000 * ITD,
        Account(Asset.ITD, "income:fees"): ITD // 2,
        Account(Asset.ETH, "trading"): -ETH,
        Account(Asset.ETH, "hot"): -ETH - 21_000 * 10**9,
        Account(Asset.ETH, "expense:network"): 21_000 * 10**9,
    }


@given(total=MINOR, kept=MAYBE)
def test_a_returned_payout_keeps_no_more_than_its_fee(total: int, kept: int) -> None:
    kept = min(kept, total)
    changes = changes_of(movements.withdrawal_returned(ALICE, total, kept))
    assert changes[held(ALICE)] == -total
    assert changes.get(available(ALICE), 0) == total - kept
    assert changes.get(Account(Asset.ITD, "income:fees"), 0) == kept


@given(cents=MINOR, itd=MAYBE, fee=MAYBE, rate=RATE)
def test_dollars_are_owed_by_the_card_company_until_it_pays_them_out(cents: int, itd: int, fee: int, rate: int) -> None:
    terms = {"coin_minor": cents, "itd_minor": itd, "fee_minor": fee, "rate_minor": rate}
    changes = changes_of(movements.purchase_credited(ALICE, Asset.USD, **terms))
    assert changes[Account(Asset.USD, "clearing")] == cents
    assert Account(Asset.USD, "deposits") not in changes


@given(asset=ASSETS, coins=MINOR, itd=MAYBE, fee=MAYBE, rate=RATE)
def test_a_refund_undoes_the_purchase_but_leaves_the_coins_where_they_came_in(
    asset: Asset, coins: int, itd: int, fee: int, rate: int
) -> None:
    terms = {"coin_minor": coins, "itd_minor": itd, "fee_minor": fee, "rate_minor": rate}
    bought = movements.purchase_credited(ALICE, asset, **terms)
    changes = changes_of((*bought, *movements.purchase_refunded(ALICE, asset, **terms)))
    assert changes == {Account(asset, "deposits"): coins, Account(asset, "hot"): -coins}


@given(itd=MINOR)
def test_a_debt_is_paid_out_of_what_one_may_spend(itd: int) -> None:
    changes = changes_of(movements.receivable_repaid(ALICE, itd))
    assert changes == {available(ALICE): -itd, Account(Asset.ITD, "receivable"): -itd}


@given(cents=MINOR)
def test_a_loss_costs_the_house_and_is_gone_when_it_is_recovered(cents: int) -> None:
    clearing, lost = Account(Asset.USD, "clearing"), Account(Asset.USD, "expense:claims")
    assert changes_of(movements.loss_borne(cents)) == {lost: cents, clearing: -cents}
    assert changes_of((*movements.loss_borne(cents), *movements.loss_recovered(cents))) == {}
    assert movements.loss_borne(0) == movements.loss_recovered(0) == ()


@given(asset=ASSETS, coins=MINOR, fee=MAYBE)
def test_a_sweep_is_in_transit_until_it_arrives_less_its_fee(asset: Asset, coins: int, fee: int) -> None:
    fee = min(fee, coins - 1)
    both = (*movements.deposit_swept(asset, coins), *movements.sweep_arrived(asset, coins, fee))
    changes = changes_of(both)
    assert changes[Account(asset, "deposits")] == -coins
    assert changes[Account(asset, "hot")] == coins - fee
    assert Account(asset, "transit") not in changes


@given(asset=ASSETS, coins=MINOR, fee=MAYBE)
def test_to_the_cold_wallet_and_back_costs_the_network_fees_alone(asset: Asset, coins: int, fee: int) -> None:
    both = (*movements.moved_to_cold(asset, coins, fee), *movements.moved_to_hot(asset, coins, fee))
    changes = changes_of(both)
    assert sum(changes.get(Account(asset, name), 0) for name in ("hot", "cold")) == -2 * fee
    assert changes.get(Account(asset, "expense:network"), 0) == 2 * fee


@given(asset=ASSETS, coins=MINOR)
def test_what_nobody_explains_stays_apart_until_it_is_the_houses(asset: Asset, coins: int) -> None:
    assert changes_of(movements.unexplained_received(asset, coins))[Account(asset, "suspense")] == coins
    both = (*movements.unexplained_received(asset, coins), *movements.unexplained_kept(asset, coins))
    assert changes_of(both) == {Account(asset, "hot"): coins, Account(asset, "equity"): coins}


@given(total=MINOR, part=MAYBE)
def test_a_hold_ends_in_parts_that_make_the_whole(total: int, part: int) -> None:
    part = min(part, total - 1) or 1
    opened = movements.hold_opened(ALICE, total)
    ended = movements.hold_settled(ALICE, BOB, part)
    rest = movements.hold_released(ALICE, total - part) if total > part else ()
    changes = changes_of((*opened, *ended, *rest))
    assert changes == {available(ALICE): -part, available(BOB): part}


def test_another_attempt_than_the_booked_one_corrects_the_fee_both_ways() -> None:
    for booked, paid in ((3, 10), (10, 3), (0, 5)):
        changes = changes_of(movements.network_fee_corrected(Asset.BTC, booked, paid))
        spent, hot = Account(Asset.BTC, "expense:network"), Account(Asset.BTC, "hot")
        assert changes == {spent: paid - booked, hot: booked - paid}
    assert movements.network_fee_corrected(Asset.BTC, 7, 7) == ()
