"""Compares what the chain says was sent from the hot wallet with what its signer wrote down: no thief edits the chain.

A worker whose record lacks the past (another one worked before it, or its disk is new) would pay a settled payout
again, if somebody queued it anew in the database. So it learns first, and then the chain is asked whether that was all.
"""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Final

import structlog

from payout_worker.ports import WorkerPorts, taken_nonce
from payout_worker.steps.raise_alarm import raise_alarm
from payout_worker.tenure import Tenure
from wallet_core.domain.chain import Heights
from wallet_core.domain.money import Asset
from wallet_core.domain.payout import Attempt, signed_terms
from wallet_core.domain.record import Document

log = structlog.get_logger(__name__)

#: Up to which block all sends are known, in the state file's cursors; it is lost when another worker had the lease.
_KNOWN_TO: Final = "spends_known_to"
#: And how long the record was then: a shorter one is another one.
_SIGNED: Final = "signed_then"
_PAGE: Final = 100


async def watch_spends(ports: WorkerPorts, tenure: Tenure, heights: Heights, cursors: MutableMapping[str, int]) -> None:
    """Before anything is signed at a new block. Freezes the hot wallet for what the record should have and has not."""
    if ports.asset is not Asset.ETH:
        # Whoever lost its wallet since the last block would know of nothing that was sent.
        await ports.node.watch(ports.signer.address)
    final = max(0, heights.final(ports.final_depth))
    known_to = cursors.get(_KNOWN_TO)
    if known_to is None or ports.signer.signed_count() < cursors.get(_SIGNED, 0):
        await _learn(ports)
        unknown = ports.signer.unknown(await _sent(ports, None))
        if unknown:
            subject = _subject(unknown, tenure)
            if not await raise_alarm(ports, tenure, "record_incomplete", subject, freeze=True):
                return
        # What was told once as incomplete is not told again as somebody else's.
        cursors[_KNOWN_TO] = heights.latest if unknown else final
    elif ports.asset is not Asset.ETH:
        # A nonce that somebody else uses shows by itself: it is one of a batch, or the chain is ahead of our count.
        for txid in ports.signer.unknown(await _sent(ports, known_to)):
            await raise_alarm(ports, tenure, "foreign_spend", txid, freeze=True)
        cursors[_KNOWN_TO] = max(known_to, final)
    cursors[_SIGNED] = ports.signer.signed_count()


async def _learn(ports: WorkerPorts) -> None:
    """What other workers signed stands in their attempts, under a MAC that the database's thief cannot make."""
    learned = 0
    async for documents in ports.store.batches(Attempt, {"asset": (ports.asset, None)}, size=_PAGE):
        learned += ports.signer.learn([entry for found in documents if (entry := _entry(ports, found))])
    if learned:
        log.warning("learned_from_attempts", asset=ports.asset, signatures=learned)


def _entry(ports: WorkerPorts, attempt: Document) -> str | None:
    entry, mac = attempt.get("signed"), attempt.get("signed_mac")
    if not isinstance(entry, str) or not isinstance(mac, str):
        return None
    return entry if ports.vault.mac_fits(signed_terms(entry), mac) else None


async def _sent(ports: WorkerPorts, height: int | None) -> Sequence[str]:
    """What left the hot wallet after a block, None: ever; hashes of transactions, on Ethereum nonces."""
    if ports.asset is Asset.ETH:
        return [taken_nonce(nonce) for nonce in range(await ports.node.nonce(ports.signer.address))]
    return list(await ports.node.sends(None if height is None else await ports.node.block_hash(height)))


def _subject(unknown: Sequence[str], tenure: Tenure) -> str:
    """Each worker has a record of its own, and what lacks later is another matter: a clearance covers neither."""
    return f"{unknown[0]}, {len(unknown)} in all, worker {tenure.holder}"
