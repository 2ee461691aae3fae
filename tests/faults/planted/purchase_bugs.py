"""Sabotages of what credits payments, takes them back and sends them back."""

from __future__ import annotations

from typing import Final

from tests.faults.planted import Bug, Edit
from tests.faults.planted.bugs import send_then_save
from tests.faults.purchases import plays
from wallet_core.domain.money import Asset

_CREDIT: Final = "payout_worker/watchers/credit.py"
_COINS: Final = "payout_worker/watchers/coin_deposits.py"
_BALANCES: Final = "payout_worker/watchers/balance_credit.py"
_DEPOSITS: Final = "payout_worker/watchers/deposits.py"

#: The money first, and what it was for afterwards.
_CREDITED_BEFORE_IT_IS_SAVED: Final = Edit(
    _CREDIT,
    "        await ports.ledger.post(_posting(tenure, credited, guards, *limits, more=more, told=told))\n",
    """        from dataclasses import replace
        whole = _posting(tenure, credited, guards, *limits, more=more, told=told)
        money = {"entries": whole.entries, "facts": whole.facts}
        await ports.ledger.post(tenure.posting(whole.kind, credited.key, **money))
        await ports.ledger.post(replace(whole, entries=()))
""",
)
_NO_GENERATION: Final = {
    Asset.LTC: Edit(
        _COINS,
        '    subject = f"{payment.id}:{payment.generation}"\n    was_credited',
        '    subject = f"{payment.id}:0"\n    was_credited',
    ),
    Asset.ETH: Edit(
        _BALANCES,
        '    subject = f"{invoice.id}:{invoice.generation}:{through_minor}"\n',
        '    subject = f"{invoice.id}:{through_minor}"\n',
    ),
}
_CURSOR_FIRST: Final = {
    Asset.BTC: Edit(
        "payout_worker/coin_purchases.py",
        "        for sighting in self._in_order(list(seen.sightings)):\n",
        """        await note_seen(self._ports, tenure, rail, seen)
        self._items.cursors[_SEEN_TO] = seen.height
        self._items.save()
        for sighting in self._in_order(list(seen.sightings)):
""",
    ),
    Asset.ETH: Edit(
        "payout_worker/ether_purchases.py",
        "        for invoice, balances in zip(invoices, seen, strict=True):\n",
        """        await note_scanned(self._ports, tenure, heights, scan.through)
        for invoice, balances in zip(invoices, seen, strict=True):
""",
    ),
}
#: The scan credits what it finds, and the balance says the same once more.
_BOTH_DETECTORS: Final = Edit(
    _DEPOSITS,
    "    same = seen.head_minor == invoice.booked_minor + invoice.pending_minor\n",
    """    from wallet_core.domain.movements import purchase_credited
    for found in seen.transfers:
        worth = {"itd_minor": invoice.amount_minor, "fee_minor": invoice.fee_minor, "rate_minor": invoice.rate_minor}
        entries = purchase_credited(invoice.person, invoice.asset, coin_minor=found.value_minor, **worth)
        facts = {"invoice": invoice.id}
        credited = tenure.posting_once("purchase_credited", f"credit:{found.txid}", entries=entries, facts=facts)
        await ports.ledger.post(credited)
    same = seen.head_minor == invoice.booked_minor + invoice.pending_minor
""",
)

PURCHASE_BUGS: Final = (
    *(
        Bug(
            f"credited before the payment is saved: {asset}",
            (_CREDITED_BEFORE_IT_IS_SAVED,),
            plays.killed_as_it_is_credited,
            asset,
        )
        for asset in (Asset.BTC, Asset.ETH)
    ),
    *(
        Bug(f"no generation after a reorganisation: {asset}", (edit,), plays.comes_again, asset)
        for asset, edit in _NO_GENERATION.items()
    ),
    *(
        Bug(
            f"the cursor moves on before what it passes is written down: {asset}",
            (edit,),
            plays.killed_before_it_is_written_down,
            asset,
        )
        for asset, edit in _CURSOR_FIRST.items()
    ),
    *(
        Bug(
            f"a refund is sent first and saved after: {asset}",
            send_then_save(asset).edits,
            plays.refunded_and_killed,
            asset,
        )
        for asset in (Asset.BTC, Asset.ETH)
    ),
    Bug("both detectors credit", (_BOTH_DETECTORS,), plays.bought, Asset.ETH),
    Bug(
        "what left the chain stays credited",
        (
            Edit(
                _COINS, "    await _take_back(ports, tenure, payment, heights)\n    return True\n", "    return False\n"
            ),
        ),
        plays.replaced_after_its_credit,
        Asset.BTC,
    ),
    Bug(
        "an order that ends keeps its limit",
        (
            Edit(
                "payout_worker/watchers/expiry.py",
                "            *limits_back(invoice),\n            # What lies aside",
                "            # What lies aside",
            ),
        ),
        plays.never_paid,
        Asset.LTC,
    ),
    Bug(
        "what was swept is taken for lost",
        (
            Edit(
                "payout_worker/steps/end_sweep.py",
                "EndSweep(invoice, batch.id, minor, found.height)",
                "EndSweep(invoice, batch.id, 0, found.height)",
            ),
        ),
        plays.swept,
        Asset.ETH,
    ),
)
