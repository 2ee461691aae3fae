"""What may happen to a card payment, in every order: the money is right, and only what is offered can be done."""

import random
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.stripe import balance, charges, disputes, payment_intents, refunds, sessions
from bot.sandbox.stripe.calls import Call
from bot.sandbox.stripe.company import ACTIONS, CardCompany
from bot.sandbox.world import HookError

PRICE = {"currency": "usd", "unit_amount": 1000, "product_data": {"name": "10 ITD"}}
ORDER: dict[str, Any] = {
    "mode": "payment",
    "line_items": [{"quantity": 1, "price_data": PRICE}],
    "success_url": "http://127.0.0.1/",
}


@pytest.fixture
def company(tmp_path: Path) -> CardCompany:
    return CardCompany(tmp_path, api_key="sk_test_sandbox", clock=lambda: 1_780_000_000)


def new_session(company: CardCompany) -> str:
    session = sessions.create(Call(company.state, "/v1/checkout/sessions", "", ORDER, "http://127.0.0.1:1/stripe"))
    company.state.commit()
    return str(session["id"])


def money_of(company: CardCompany) -> int:
    """What the account must hold: what was paid, less refunds that did not fail and disputes that were not won."""
    state = company.state
    total = 0
    for charge in state.table(charges.TABLE).values():
        total += charge["amount_captured"] - (balance.fee_cents(charge["amount"]) if charge["paid"] else 0)
        given = sum(one["amount"] for one in refunds.refunds_of(state, charge) if one["status"] != "failed")
        assert charge["amount_refunded"] == given <= charge["amount_captured"]
        total -= given
    for dispute in state.table(disputes.TABLE).values():
        total -= balance.DISPUTE_FEE_CENTS + (0 if dispute["status"] == "won" else dispute["amount"])
    return total


@pytest.mark.parametrize("seed", range(20))
async def test_only_what_is_offered_can_be_done_and_the_sums_are_right(company: CardCompany, seed: int) -> None:
    dice = random.Random(seed)
    ids = [new_session(company) for _ in range(4)]
    for _ in range(40):
        key, action, body = dice.choice(ids), dice.choice(list(ACTIONS)), {}
        if action in ("refund", "dispute") and dice.random() < 0.7:
            body = {"amount": dice.randrange(1, 700)}
        offered = next(one["actions"] for one in await company.sessions() if one["id"] == key)
        before = company.state.newest("event")
        try:
            await company.act(key, action, body)
        except HookError as error:
            assert action not in offered or body, f"{action} was offered and refused: {error}"
            assert company.state.newest("event") == before
        else:
            assert action in offered, f"{action} was not offered and done"
            assert len(company.state.newest("event")) > len(before)
        booked = sum(one["net"] for one in company.state.table(balance.TABLE).values())
        assert booked == money_of(company)


async def test_a_session_is_paid_at_most_once(company: CardCompany) -> None:
    key = new_session(company)
    for action in ("decline", "pay"):
        await company.act(key, action, {})
    for action in ("pay", "pay-later", "decline"):
        with pytest.raises(HookError):
            await company.act(key, action, {})
    assert [one["status"] for one in company.state.table(payment_intents.TABLE).values()] == ["succeeded"]


async def test_what_there_is_not_is_said(company: CardCompany) -> None:
    key = new_session(company)
    with pytest.raises(HookError) as unknown:
        await company.act(key, "steal", {})
    with pytest.raises(HookError) as nobody:
        await company.act("cs_test_no", "pay", {})
    with pytest.raises(HookError) as early:
        await company.act(key, "refund", {})
    assert [one.value.status for one in (unknown, nobody, early)] == [404, 404, 409]
    await company.act(key, "pay", {})
    for wrong in (1.5, True, "1"):
        with pytest.raises(HookError, match="whole number of cents"):
            await company.act(key, "refund", {"amount": wrong})


async def test_the_page_is_told_in_dollars(company: CardCompany) -> None:
    key = new_session(company)
    await company.act(key, "pay", {})
    shown = await company.act(key, "refund", {"amount": 5})
    assert (shown["state"], shown["amount"], shown["refunded"]) == ("partly refunded", "10.00 USD", "0.05 USD")
