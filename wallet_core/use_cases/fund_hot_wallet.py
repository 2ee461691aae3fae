"""Book coins that people put into a hot wallet: the house's own, or what comes back from the cold wallet."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.movements import hot_wallet_funded, moved_to_hot
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import operator_only


@operator_only
async def fund_hot_wallet(
    ports: Ports, asset: Asset, amount_text: str, txid: str, *, cold_fee_text: str | None = None
) -> Receipt:
    """Books the transfer once for its txid; amounts in whole coins. Raises ``Refused`` BAD_AMOUNT or RAIL_OFF.

    With ``cold_fee_text``, what the network took on top, the coins come from the cold wallet and not from the house.
    """
    if asset not in ports.addresses:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=tuple(ports.addresses))
    amount_minor, facts = parse_amount(amount_text, asset), {"txid": txid.lower()}
    # The same key for both: coins that came once are booked once.
    key = f"funded:{asset}:{txid.lower()}"
    if cold_fee_text is None:
        entries = hot_wallet_funded(asset, amount_minor)
        return await ports.ledger.post(Posting(key, "hot_wallet_funded", "operator", entries=entries, facts=facts))
    fee_minor = 0 if cold_fee_text == "0" else parse_amount(cold_fee_text, asset)
    entries = moved_to_hot(asset, amount_minor, fee_minor)
    return await ports.ledger.post(Posting(key, "hot_wallet_refilled", "operator", entries=entries, facts=facts))
