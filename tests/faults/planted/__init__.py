"""Bugs that are put in on purpose: the harness is only worth something if it sees every one of them.

Each is a change of a line or two in a copy of the source; a worker that runs this copy must fail its play.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.faults import plays
from tests.faults.plays import Play

_ROOT = Path(__file__).parents[3]
_SOURCES = ("payout_worker", "wallet_core")


@dataclass(frozen=True)
class Bug:
    """What is wrong with it, the lines that make it so, and the play in which it must be seen."""

    name: str
    file: str
    sound: str
    wrong: str
    play: Play


def planted(bug: Bug, folder: Path) -> Path:
    """A copy of the source with the bug; raises ``AssertionError`` when the sound lines are not there once."""
    for source in _SOURCES:
        shutil.copytree(_ROOT / source, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / bug.file
    text = file.read_text()
    assert text.count(bug.sound) == 1, f"{bug.name}: {bug.file} has {text.count(bug.sound)} of the sound lines"
    file.write_text(text.replace(bug.sound, bug.wrong))
    return folder


#: The usual way, measured to pay a third of all payouts twice: send with the chain's next nonce, save afterwards.
SEND_THEN_SAVE = Bug(
    "send first, save after",
    "payout_worker/steps/sign_batch.py",
    """    signed = await _signed(ports, tenure, batch, payout, offered)
    if signed is not None:
""",
    """    sender, record = ports.signer, ports.signer._record
    nonce = await ports.node._eth.get_transaction_count(sender.address, "pending")
    order = Order(None, nonce, payout.address, payout.coin_minor, batch.gas_limit,
                  offered.max_fee_minor, offered.tip_minor)
    bytes_ = sender._account.sign_transaction(sender._transaction(order))
    signed = Signed(bytes(bytes_.raw_transaction), bytes_.hash.to_0x_hex())
    await ports.node.broadcast(signed.raw)
    if signed is not None:
""",
    plays.killed_before_it_is_saved,
)
BUGS = (
    SEND_THEN_SAVE,
    Bug(
        "the bytes go out before they are committed",
        "payout_worker/steps/sign_batch.py",
        "    await ports.ledger.post(\n",
        "    await ports.node.broadcast(signed.raw)\n    await ports.ledger.post(\n",
        plays.killed_before_it_is_saved,
    ),
    Bug(
        "settled before its block is final",
        "payout_worker/steps/settle_batch.py",
        "    if found.height > heights.final(ports.final_depth):\n",
        "    if found.height > heights.latest:\n",
        plays.reorganised,
    ),
    Bug(
        "a reorganisation is not noticed",
        "payout_worker/steps/settle_batch.py",
        "    if found is None or found.block_hash != batch.block_hash:\n",
        "    if found is None:\n        return False\n    if found.height < 0:\n",
        plays.reorganised,
    ),
    Bug(
        "what the pool dropped is not sent again",
        "payout_worker/steps/confirm_batch.py",
        "    elif not await _any_pending(ports, attempts):\n",
        "    elif not attempts:\n",
        plays.dropped,
    ),
    Bug(
        "a reverted transaction counts as paid",
        "payout_worker/steps/settle_batch.py",
        "    if found.succeeded:\n",
        "    if found.height:\n",
        plays.reverted,
    ),
    Bug(
        "the network's fee is not booked",
        "payout_worker/steps/settle_batch.py",
        "        network_fee_minor=found.fee_minor,\n    )\n",
        "        network_fee_minor=0,\n    )\n",
        plays.undisturbed,
    ),
    Bug(
        "the seal on the terms is not checked",
        "payout_worker/steps/admission.py",
        "    if ports.vault.mac_fits(payout.terms(), payout.mac):\n",
        "    if payout.mac:\n",
        plays.tampered,
    ),
    Bug(
        "the signer signs a payout again for whoever asks",
        "payout_worker/signers/ethereum.py",
        "        signed = self._record.of_nonce(self.address, nonce)\n",
        "        return\n",
        plays.queued_again_by_a_thief,
    ),
    Bug(
        "deposits are credited before they are final",
        "payout_worker/watchers/deposits.py",
        "    final = await ports.node.balances(addresses, max(0, heights.final(ports.final_depth)))\n",
        "    final = await ports.node.balances(addresses, heights.latest)\n",
        plays.deposit_reorganised,
    ),
    Bug(
        "a second deposit credits the first one again",
        "payout_worker/watchers/credit.py",
        "deposit(invoice, timely_minor - invoice.received_minor, invoice.rate_minor)",
        "deposit(invoice, timely_minor, invoice.rate_minor)",
        plays.paid_twice,
    ),
    Bug(
        "an invoice expires although its payment is on its way",
        "payout_worker/watchers/expiry.py",
        '_UNPAID: Final = {"pending_minor": 0, "received_minor": 0}',
        "_UNPAID: Final[dict[str, int]] = {}",
        plays.paid_at_the_last_moment,
    ),
)
