"""``docs/ledger.md`` and the code say the same."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.wallet_core.world import ETH, ITD
from wallet_core.domain import movements
from wallet_core.domain.accounts import PERSON_ACCOUNTS, PLATFORM_ACCOUNTS, Account, Side
from wallet_core.domain.history import KINDS
from wallet_core.domain.money import Asset
from wallet_core.domain.movements.transfers import Entries

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "ledger.md").read_text()
#: Terms of which every entry of a movement comes out: fee and rounding in both assets are not zero.
PURCHASE = {"coin_minor": ETH + 3, "itd_minor": 1_999 * ITD, "fee_minor": ITD, "rate_minor": 2_000 * ITD}
PAYOUT = {
    "coin_minor": ETH,
    "itd_minor": 2_001 * ITD,
    "fee_minor": ITD,
    "rate_minor": 2_000 * ITD,
    "network_fee_minor": 7,
}
PERSON, SENDER, RECIPIENT = 3, 1, 2
SAMPLES: dict[str, Callable[[], Entries]] = {
    "sent": lambda: movements.sent(SENDER, RECIPIENT, 5, 1),
    "claimed": lambda: movements.claimed(SENDER, RECIPIENT, 5, 1),
    "purchase_credited": lambda: movements.purchase_credited(PERSON, Asset.ETH, **PURCHASE),
    "purchase_held": lambda: movements.purchase_held(PERSON, Asset.ETH, **PURCHASE),
    "purchase_released": lambda: movements.purchase_released(PERSON, 5),
    "purchase_reversed": lambda: movements.purchase_reversed(
        PERSON, Asset.ETH, **PURCHASE, held_minor=5, covered_minor=6
    ),
    "withdrawal_held": lambda: movements.withdrawal_held(PERSON, 5),
    "withdrawal_voided": lambda: movements.withdrawal_voided(PERSON, 5),
    "withdrawal_returned": lambda: movements.withdrawal_returned(PERSON, 5, 1),
    "withdrawal_settled": lambda: movements.withdrawal_settled(PERSON, Asset.ETH, **PAYOUT),
    "purchase_refunded": lambda: movements.purchase_refunded(PERSON, Asset.ETH, **PURCHASE),
    "payment_set_aside": lambda: movements.payment_set_aside(Asset.ETH, 5),
    "payment_taken_up": lambda: movements.payment_taken_up(Asset.ETH, 5),
    "payment_refunded": lambda: movements.payment_refunded(
        Asset.ETH, coin_minor=5, withheld_minor=2, network_fee_minor=1
    ),
    "loss_borne": lambda: movements.loss_borne(5),
    "loss_recovered": lambda: movements.loss_recovered(5),
    "receivable_repaid": lambda: movements.receivable_repaid(PERSON, 5),
    "hold_opened": lambda: movements.hold_opened(PERSON, 5),
    "hold_settled": lambda: movements.hold_settled(SENDER, RECIPIENT, 5),
    "hold_released": lambda: movements.hold_released(PERSON, 5),
    "deposit_swept": lambda: movements.deposit_swept(Asset.ETH, 5),
    "sweep_arrived": lambda: movements.sweep_arrived(Asset.ETH, 5, 1),
    "sweep_stored": lambda: movements.sweep_stored(Asset.ETH, 5, 1),
    "moved_to_cold": lambda: movements.moved_to_cold(Asset.ETH, 5, 1),
    "moved_to_hot": lambda: movements.moved_to_hot(Asset.ETH, 5, 1),
    "unexplained_received": lambda: movements.unexplained_received(Asset.ETH, 5),
    "unexplained_kept": lambda: movements.unexplained_kept(Asset.ETH, 5),
    "network_fee_corrected": lambda: movements.network_fee_corrected(Asset.ETH, 3, 5),
    "network_fee_paid": lambda: movements.network_fee_paid(Asset.ETH, 5),
    "hot_wallet_funded": lambda: movements.hot_wallet_funded(Asset.ETH, 5),
}


def rows(text: str) -> list[list[str]]:
    """The cells of a Markdown table, without its head."""
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("|")
    ][2:]


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


MOVEMENTS = {
    name.strip("` "): {Side.DEBIT: names(debit), Side.CREDIT: names(credit)}
    for name, debit, credit in rows(PAGE.split("<!-- movements -->")[1].split("<!-- /movements -->")[0])
}


def shown(account: Account) -> str:
    """The account as the page writes it."""
    person = {PERSON: "<person>", SENDER: "<sender>", RECIPIENT: "<recipient>", None: ""}[account.person]
    return account.id if not person else f"{account.asset}:person:{person}:{account.name}"


def test_the_page_lists_every_movement_and_no_other() -> None:
    assert MOVEMENTS.keys() == set(movements.__all__) == SAMPLES.keys()


@pytest.mark.parametrize("movement", SAMPLES)
def test_the_page_debits_and_credits_what_the_code_does(movement: str) -> None:
    made: dict[Side, set[str]] = {Side.DEBIT: set(), Side.CREDIT: set()}
    for entry in SAMPLES[movement]():
        made[entry.side].add(shown(entry.account))
    assert MOVEMENTS[movement] == made


def test_the_page_has_every_account_and_the_side_on_which_it_grows() -> None:
    chart = rows(PAGE.split("## Chart of accounts")[1].split("\n\n")[2])
    on_page = {name.strip("`").removeprefix("person:<id>:"): side for name, side, _ in chart}
    assert on_page == {name: side.value for name, side in (PLATFORM_ACCOUNTS | PERSON_ACCOUNTS).items()}


def test_the_page_lists_every_kind_of_record_and_no_other() -> None:
    table = rows(PAGE.split("<!-- kinds -->")[1].split("<!-- /kinds -->")[0])
    assert sorted(kind for row in table for kind in names(row[0])) == sorted(KINDS)
