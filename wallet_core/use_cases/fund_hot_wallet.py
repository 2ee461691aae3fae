"""Book coins that people put into a hot wallet: the house's own, or what comes back from the cold wallet."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.movements import hot_wallet_funded, moved_to_hot
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import operator_only


@operator_only
async def fund_hot_wallet(ports: Ports, asset: Asset, amount_text: str, txid: str) -> Receipt:
    """Books the transfer once for its txid; the amount in whole coins. Raises ``Refused`` BAD_AMOUNT or RAIL_OFF."""
    _check_asset(ports, asset)
    return await ports.ledger.post(
        Posting(
            _key(asset, txid),
            "hot_wallet_funded",
            "operator",
            entries=hot_wallet_funded(asset, parse_amount(amount_text, asset)),
            facts={"txid": txid.lower()},
        )
    )


@operator_only
async def refill_hot_wallet(ports: Ports, asset: Asset, amount_text: str, fee_text: str, txid: str) -> Receipt:
    """Books what came from the cold wallet once for its txid, in whole coins, and what the network took on top.

    Raises as ``fund_hot_wallet`` does.
    """
    _check_asset(ports, asset)
    fee_minor = 0 if fee_text == "0" else parse_amount(fee_text, asset)
    return await ports.ledger.post(
        Posting(
            _key(asset, txid),
            "hot_wallet_refilled",
            "operator",
            entries=moved_to_hot(asset, parse_amount(amount_text, asset), fee_minor),
            facts={"txid": txid.lower()},
        )
    )


def _check_asset(ports: Ports, asset: Asset) -> None:
    if asset not in ports.addresses:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=tuple(ports.addresses))


def _key(asset: Asset, txid: str) -> str:
    """The same for both: coins that came once are booked once."""
    return f"funded:{asset}:{txid.lower()}"
