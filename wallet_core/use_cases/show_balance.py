"""Show what a person has."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal, localcontext

from wallet_core.domain.accounts import held
from wallet_core.domain.money import Asset, one_coin_minor
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.balances import balance_minor
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.intents import available_minor


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """ITD minor units that may be spent and that are held, and what both together are worth in US cents."""

    available_minor: int
    held_minor: int
    usd_minor: int


@use_case(Access.ENROLLED)
async def show_balance(ports: Ports, caller: Caller) -> BalanceSheet:
    """The person's balance as it is committed now."""
    available = await available_minor(ports, caller.person)
    held_minor = await balance_minor(ports.store, held(caller.person))
    return BalanceSheet(available, held_minor, _usd_minor(ports, available + held_minor))


def _usd_minor(ports: Ports, itd_minor: int) -> int:
    with localcontext(prec=60):
        cents = (
            Decimal(itd_minor) * ports.settings.itd_price_usd * one_coin_minor(Asset.USD) / one_coin_minor(Asset.ITD)
        )
        return int(cents.to_integral_value(ROUND_FLOOR))
