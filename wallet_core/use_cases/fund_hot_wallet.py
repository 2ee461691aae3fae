"""Book coins that the house put into a hot wallet."""

from __future__ import annotations

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.money import Asset, parse_amount
from wallet_core.domain.movements import hot_wallet_funded
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import operator_only


@operator_only
async def fund_hot_wallet(ports: Ports, asset: Asset, amount_text: str, txid: str) -> Receipt:
    """Books the transfer once for its txid; the amount in whole coins. Raises ``Refused`` BAD_AMOUNT or RAIL_OFF."""
    if asset not in ports.addresses:
        raise Refused(Reason.RAIL_OFF, asset=asset, assets=tuple(ports.addresses))
    return await ports.ledger.post(
        Posting(
            f"funded:{asset}:{txid.lower()}",
            "hot_wallet_funded",
            "operator",
            entries=hot_wallet_funded(asset, parse_amount(amount_text, asset)),
            facts={"txid": txid.lower()},
        )
    )
