"""What the tests of money that goes back do and ask again and again."""

from __future__ import annotations

from tests.support.wallet import Wallet
from wallet_core.domain.accounts import Account
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller
from wallet_core.domain.purchase import Invoice
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.confirm_send import confirm_send
from wallet_core.use_cases.quote_send import quote_send
from wallet_core.use_cases.refund_card_purchase import refund_card_purchase


async def spent(wallet: Wallet, caller: Caller, itd: int) -> Caller:
    """Sends so much away, and returns who has it."""
    friend = await wallet.person()
    quote = await quote_send(wallet.ports, caller, str(itd), f"@person{friend.person}")
    await confirm_send(wallet.ports, caller, quote.intent.id, await wallet.code(caller))
    return friend


async def refund(wallet: Wallet, admin: Caller, invoice: Invoice) -> None:
    """An admin gives a purchase back."""
    await refund_card_purchase(wallet.ports, admin, invoice.id, await wallet.code(admin))


async def platform(wallet: Wallet, asset: Asset, name: str) -> int:
    """The balance of one of the platform's accounts."""
    return await balance_minor(wallet.ports.store, Account(asset, name))


async def nothing_is_left_of_it(wallet: Wallet) -> None:
    """The purchase is undone, to the last unit: no dollars are owed to us, no fee was earned."""
    assert await platform(wallet, Asset.USD, "clearing") == 0
    assert await platform(wallet, Asset.USD, "trading") == 0
    assert await platform(wallet, Asset.ITD, "income:fees") == 0
    assert await platform(wallet, Asset.ITD, "trading") == 0
