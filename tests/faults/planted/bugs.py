"""The naive worker, and single-line sabotages of the sound one."""

from __future__ import annotations

from typing import Final

from tests.faults import ether_plays, plays, purchase_plays, thief
from tests.faults.planted import Bug, Edit
from wallet_core.domain.money import Asset

_SIGN: Final = "payout_worker/steps/sign_batch.py"
_BROADCAST: Final = "payout_worker/steps/broadcast_batch.py"
_CONFIRM: Final = "payout_worker/steps/confirm_batch.py"
_SETTLE: Final = "payout_worker/steps/settle_batch.py"
_FAILED: Final = "payout_worker/steps/failed_payouts.py"
_COINS: Final = "payout_worker/families/coins.py"
_ETHEREUM: Final = "payout_worker/families/ethereum.py"

_UNCHECKED_RESERVATION: Final = Edit(
    "wallet_core/domain/reservation.py",
    "        if has not in (self.before, self.reservation.batch):\n",
    "        if False:\n",
)
_CARELESS_SIGNER: Final = Edit(
    "payout_worker/signers/one_meaning.py", "            if entry.payouts:\n", "            if False:\n"
)
#: What seems unsent is queued again, where it gets other coins or another nonce.
_QUEUED_AGAIN: Final = Edit(
    _BROADCAST,
    "    step = _step(shown[-1], seen=seen)\n",
    """    if not seen:
        from wallet_core.domain.payout import PayoutState, move_payout
        again = [move_payout(p.id, PayoutState.BATCHED, PayoutState.QUEUED, batch=None) for p in payouts]
        await ports.ledger.post(tenure.posting("queued_again", batch.id, *again))
    step = _step(shown[-1], seen=seen)
""",
)
_NOT_LOOKED_UP: Final = Edit(_BROADCAST, "    return seen or await any_known(ports, attempts)\n", "    return seen\n")


def send_then_save(asset: Asset) -> Bug:
    """The usual way: with other coins, or the chain's next nonce, at each try; sent first, saved afterwards."""
    sound = "    signed = await ports.signer.sign(plan.order)\n"
    wrong = """    if batch.nonce is not None:
        nonce = await ports.node._eth.get_transaction_count(batch.sender, "pending")
        batch = batch.model_copy(update={"nonce": nonce})
    else:
        other = await family.allot(ports, tenure, None, await family.room(ports, tenure), payouts)
        names = ("inputs", "inputs_minor", "change_minor", "price_minor")
        batch = batch.model_copy(update={name: getattr(other.batch, name) for name in names})
    plan = await family.plan(ports, batch, payouts, attempts)
    signed = await ports.signer.sign(plan.order)
    await ports.node.broadcast(signed.raw)
"""
    name = f"send first, save after: {asset}"
    return Bug(name, (Edit(_SIGN, sound, wrong), _CARELESS_SIGNER), plays.killed_before_it_is_saved, asset)


#: Measured to pay a third of all payouts twice.
NAIVE: Final = tuple(send_then_save(asset) for asset in (Asset.BTC, Asset.LTC, Asset.ETH))

BUGS: Final = (
    Bug(
        "an attempt is saved after it was sent",
        (
            Edit(
                _SIGN,
                "    await family.check(ports, signed.raw)\n",
                "    await family.check(ports, signed.raw)\n    await ports.node.broadcast(signed.raw)\n",
            ),
        ),
        plays.killed_before_it_is_saved,
        Asset.ETH,
    ),
    Bug("resent by an error's text", (_NOT_LOOKED_UP, _QUEUED_AGAIN), plays.answer_lost, Asset.LTC),
    Bug(
        "-25 is taken for unsent",
        (
            Edit(_BROADCAST, "    seen = await any_known(ports, attempts)\n", "    seen = False\n"),
            _NOT_LOOKED_UP,
            _QUEUED_AGAIN,
        ),
        plays.spent_before_it_was_saved,
        Asset.BTC,
    ),
    Bug(
        "reservations are dropped",
        (
            Edit(_COINS, "    had = await _had(ports, utxos)\n", "    had: dict[str, str] = {}\n"),
            _UNCHECKED_RESERVATION,
        ),
        plays.request_lost_with_one_coin,
        Asset.BTC,
    ),
    Bug(
        "unconfirmed change is spent",
        (
            Edit(
                _COINS,
                "    utxos = [utxo for utxo in there if utxo.height is not None and utxo.height <= final]\n",
                "    utxos = list(there)\n",
            ),
        ),
        plays.behind_an_unmined_payout,
        Asset.BTC,
    ),
    Bug(
        "the nonce is asked at pending",
        (
            Edit(
                _ETHEREUM,
                "    return rail.next_nonce\n",
                '    return await ports.node._eth.get_transaction_count(ports.signer.address, "pending")\n',
            ),
            _UNCHECKED_RESERVATION,
        ),
        plays.dropped,
        Asset.ETH,
    ),
    Bug(
        "the lease is only read",
        (
            Edit(
                "wallet_core/domain/lease.py",
                '        if document is None or is_free or document["epoch"] != self.epoch:\n',
                "        if document is None or is_free:\n",
            ),
        ),
        plays.paused_past_its_lease,
        Asset.ETH,
    ),
    Bug(
        "refunded on a timeout",
        (
            Edit(
                _CONFIRM,
                "    if pending:\n",
                """    from datetime import timedelta
    from payout_worker.steps.return_payout import returning
    sent_at = attempts[0].broadcast_at
    if sent_at and await ports.store.now() > sent_at + timedelta(seconds=2):
        for payout in await payouts_of(ports, batch):
            await ports.ledger.post(returning(tenure, payout))
    if pending:
""",
            ),
        ),
        plays.slow,
        Asset.LTC,
    ),
    Bug(
        "the outputs of a batch are trusted",
        (
            Edit(
                _SIGN,
                "    sound = [payout for payout in payouts if await has_sound_intent(ports, tenure, payout)]\n",
                "    sound = list(payouts)\n",
            ),
        ),
        thief.outputs_changed,
        Asset.LTC,
    ),
    Bug(
        "the state file is trusted over MongoDB",
        (
            Edit(
                "payout_worker/unit.py",
                "        return [*known, *there.values()]\n",
                "        return known\n",
            ),
        ),
        plays.a_stale_state_file,
        Asset.LTC,
    ),
    Bug(
        "settled before its block is deep enough",
        (
            Edit(
                _SETTLE, "    if found.height > heights.final(needed - 1):\n", "    if found.height > heights.latest:\n"
            ),
        ),
        plays.reorganised,
        Asset.ETH,
    ),
    Bug(
        "a reorganisation is not noticed",
        (
            Edit(
                _SETTLE,
                "    if found is None or found.block_hash != batch.block_hash:\n",
                "    if found is None:\n        return False\n    if found.height < 0:\n",
            ),
        ),
        plays.reorganised,
        Asset.BTC,
    ),
    Bug(
        "what the pool dropped is not sent again",
        (Edit(_CONFIRM, "    if pending:\n", "    if deciding:\n        return False\n    if pending:\n"),),
        plays.dropped,
        Asset.LTC,
    ),
    Bug(
        "a reverted transaction counts as paid",
        (Edit(_SETTLE, "(mined.pays and not found.succeeded):\n", "(mined.pays and found.height < 0):\n"),),
        ether_plays.reverted,
        Asset.ETH,
    ),
    Bug(
        "many are settled by the status of their transaction",
        (
            Edit(
                _FAILED, "    gone = await _failed(ports, batch, payouts, found)\n", "    gone: tuple[str, ...] = ()\n"
            ),
        ),
        ether_plays.fails_among_many,
        Asset.ETH,
        {"mass": True},
    ),
    Bug(
        "the network's fee is not booked",
        (Edit("payout_worker/families/bitcoin_like.py", "        return attempt.fee_minor\n", "        return 0\n"),),
        plays.undisturbed,
        Asset.BTC,
    ),
    Bug(
        "the seal on the terms is not checked",
        (
            Edit(
                "payout_worker/steps/admission.py",
                "    if ports.vault.mac_fits(payout.terms(), payout.mac):\n",
                "    if payout.mac:\n",
            ),
        ),
        plays.tampered,
        Asset.BTC,
    ),
    Bug(
        "the signer signs a payout again for whoever asks",
        (
            Edit(
                "payout_worker/signers/coin_signer.py",
                "        final = await self._newest_final()\n",
                "        return True\n        final = 0\n",
            ),
        ),
        thief.batch_and_reservation_deleted,
        Asset.BTC,
    ),
    Bug(
        "deposits are credited before they are final",
        (
            Edit(
                "payout_worker/watchers/deposits.py",
                "final = await ports.node.balances(addresses, height)\n",
                "final = await ports.node.balances(addresses, heights.latest)\n",
            ),
        ),
        purchase_plays.deposit_reorganised,
        Asset.ETH,
    ),
    Bug(
        "a second deposit credits the first one again",
        (
            Edit(
                "payout_worker/watchers/balance_credit.py",
                "    coin_minor = through_minor - invoice.booked_minor\n",
                "    coin_minor = through_minor\n",
            ),
        ),
        purchase_plays.paid_twice,
        Asset.ETH,
    ),
    Bug(
        "an invoice expires although its payment is on its way",
        (
            Edit(
                "payout_worker/watchers/expiry.py",
                '_UNPAID: Final = {"pending_minor": 0, "received_minor": 0}',
                "_UNPAID: Final[dict[str, int]] = {}",
            ),
        ),
        purchase_plays.paid_at_the_last_moment,
        Asset.ETH,
    ),
)
