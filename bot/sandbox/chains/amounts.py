"""Decimal texts in coins, read into minor units and written from them, both exactly."""

import re
from decimal import Decimal, localcontext

from bot.sandbox.world import HookError

_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.([0-9]{1,18}))?", re.ASCII)


def minor_of(amount: str, decimals: int) -> int:
    """Minor units of a decimal text in coins; raises `HookError` for anything but one minor unit to 10^9 coins."""
    found = _AMOUNT.fullmatch(amount)
    if not found or len(found[1] or "") > decimals:
        raise HookError(f'an amount is a decimal number in coins with at most {decimals} decimals, such as "0.015"')
    with localcontext(prec=60):
        minor = int(Decimal(amount).scaleb(decimals))
    if minor == 0:
        raise HookError("an amount must be more than nothing")
    return minor


def coins_of(minor: int, decimals: int) -> str:
    """The exact decimal text in coins, without trailing zeros."""
    whole, rest = divmod(minor, 10**decimals)
    return f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".")
