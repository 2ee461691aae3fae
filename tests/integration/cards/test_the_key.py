"""What the key is good for: the adapter's errors, the account that is adopted, and what doctor says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.sandbox.stripe.faults import Fault
from payout_worker.card_rail import adopt_account
from tests.integration.cards.rail import Rail
from tests.support.card_company import KEY, Company
from tests.support.wallet import ITD, Wallet
from wallet_core import diagnosis
from wallet_core.adapters.stripe_checkout import open_stripe
from wallet_core.domain.card_reversal import CardReversal
from wallet_core.domain.errors import InvariantViolated, Unavailable
from wallet_core.domain.people import Role
from wallet_core.domain.purchase import Rail as RailRecord
from wallet_core.settings import Environment, Settings
from wallet_core.use_cases.refund_card_purchase import refund_card_purchase


@pytest.mark.parametrize("status", [401, 403, 409, 429, 500, 503])
async def test_whatever_may_pass_is_waited_for(rail: Rail, status: int) -> None:
    rail.company.company.faults.pending.append(Fault("*", status))
    with pytest.raises(Unavailable):
        await rail.ports.cards.account()
    assert (await rail.ports.cards.account()).name == "acct_sandboxStandIn:test"


async def test_a_server_that_is_away_is_waited_for(wallet: Wallet) -> None:
    nowhere = wallet.ports.settings.model_copy(update={"stripe_api_base": "http://127.0.0.1:9"})
    async with open_stripe(nowhere) as cards:
        with pytest.raises(Unavailable):
            await cards.account()


async def test_a_session_that_is_not_there_breaks_an_invariant(rail: Rail) -> None:
    with pytest.raises(InvariantViolated):
        await rail.ports.cards.session("cs_test_none")


async def test_the_first_account_is_kept_and_no_other_is_taken(
    rail: Rail, wallet: Wallet, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await wallet.ports.store.find(RailRecord, {"genesis": "acct_sandboxStandIn:test"})
    assert [each.sells for each in found] == [True]
    monkeypatch.setattr("bot.sandbox.stripe.balance.ACCOUNT_ID", "acct_another")
    with pytest.raises(InvariantViolated):
        await adopt_account(wallet.ports, rail.ports.cards)


async def test_a_refund_that_somebody_writes_into_the_database_is_never_asked_for(rail: Rail, wallet: Wallet) -> None:
    alice, admin = await wallet.person(), await wallet.person(role=Role.FINANCE)
    invoice = await rail.bought(alice)
    await refund_card_purchase(wallet.ports, admin, invoice.id, await wallet.code(admin))
    reversals = wallet.database[CardReversal.collection]
    await reversals.update_one({}, {"$set": {"payment": "USD:pi_of_another:0"}})
    await rail.look()
    await rail.look()
    assert rail.company.table("refund") == []
    assert await rail.alarms() == ["item_stopped"]
    assert await wallet.balance(alice) == (0, 100 * ITD)


async def test_doctor_tries_the_key(rail: Rail, wallet: Wallet, company: Company, tmp_path: Path) -> None:
    settings = wallet.ports.settings
    assert await _said(wallet, settings) == ("account acct_sandboxStandIn:test", "")
    production = settings.model_copy(update={"wallet_env": Environment.PRODUCTION})
    assert "live key in production" in (await _said(wallet, production))[1]
    without = settings.model_copy(update={"stripe_api_key": SecretStr("")})
    assert await _said(wallet, without) == ("no purchases by card", "")
    refused = settings.model_copy(update={"stripe_api_key": SecretStr(f"{KEY}x")})
    state, mend = await _said(wallet, refused)
    assert "Invalid API Key" in state and mend


async def _said(wallet: Wallet, settings: Settings) -> tuple[str, str]:
    patient = diagnosis._Patient(settings, wallet.database, None)  # type: ignore[arg-type]  # it needs no client
    check = await diagnosis._checked("card company", diagnosis._card_company, patient)
    return check.state, check.mend
