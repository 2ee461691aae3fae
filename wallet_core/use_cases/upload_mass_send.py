"""Take a file of payments: find everybody in it, price it, and show what would be done. Nothing is held yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from wallet_core.domain.changes import Insert, Move, Require
from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.ledger import Posting
from wallet_core.domain.mass_alone import alone_minor
from wallet_core.domain.mass_claim import ClaimFile, MassClaim, claim_id
from wallet_core.domain.mass_estimate import estimated_seconds
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.mass_lines import LinesDigest
from wallet_core.domain.mass_row import MassRow, file_digest_of
from wallet_core.domain.mass_send import MassSend, MassState, RanBefore, Remark
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.ports import After, Ports
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.mass_preview import MassPreview, begin_preview
from wallet_core.use_cases.mass_sends import mass_send_of
from wallet_core.use_cases.request_withdrawal import quote_time

#: An upload that is not complete by then was interrupted; the worker removes what there is of it.
_UPLOAD_TIME: Final = timedelta(hours=1)
#: Before any mass send; and more payers than there are of one file.
_EVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_MOST_PAYERS: Final = 10
#: Payouts of one transaction, or of one block.
_PER_BLOCK: Final = {Asset.BTC: 1_000, Asset.LTC: 1_000, Asset.ETH: 500}


@use_case(Access.FINANCE)
async def upload_mass_send(ports: Ports, caller: Caller, file_name: str, rows: Sequence[FileRow]) -> MassSend:
    """A mass send in PREVIEW, with rates that are locked until ``expires_at``, to be shown and started.

    ``rows`` are those of a file without a fault. Raises ``AlreadyDone`` with the first mass send when this payer
    uploaded the same file before and it ran or still may, and ``Refused``: NO_PAYABLE_ROWS (with ``remarks``) when
    nobody in it can be paid, RATE_UNAVAILABLE.
    """
    if not rows:
        raise Refused(Reason.NO_PAYABLE_ROWS, remarks=[])
    file_digest = file_digest_of(rows)
    claim = claim_id(caller.person, file_digest)
    before = await _owner_of(ports, claim)
    now = await ports.store.now()
    send = MassSend(
        id=new_id(),
        person=caller.person,
        file_name=file_name,
        file_digest=file_digest,
        rows=len(rows),
        expires_at=now + _UPLOAD_TIME,
        approval_above_minor=ports.settings.itd("mass_send_approval_above"),
        alone_minor=alone_minor(await ports.store.get(Guards, caller.person) or Guards(id=caller.person), now),
        ran_before=await _ran_before(ports, caller.person, file_digest),
    )
    preview = await begin_preview(ports, send.id, caller.person, rows)
    lines = await _write_rows(ports, caller, send, preview, rows)
    if not preview.totals:
        raise Refused(Reason.NO_PAYABLE_ROWS, remarks=[r.model_dump() for r in preview.remarks()])
    shown = _shown(ports, send, preview, lines, now)
    return await _show(ports, caller, shown, ClaimFile(MassClaim(id=claim, mass_send=send.id), before))


async def _owner_of(ports: Ports, claim: str) -> str | None:
    """The mass send that had this file and never ran; raises ``AlreadyDone`` with one that did or may."""
    claimed = await ports.store.get(MassClaim, claim)
    if claimed is None:
        return None
    first = await mass_send_of(ports, claimed.mass_send)
    is_over = first.started_at is None and await ports.store.now() > first.expires_at
    if not first.never_ran and not is_over:
        raise AlreadyDone(first)
    return first.id


async def _ran_before(ports: Ports, payer: int, file_digest: str) -> RanBefore | None:
    """The latest of other payers' mass sends of the same lines that began."""
    began = {"file_digest": file_digest, "started_at": After(_EVER)}
    found = await ports.store.find(MassSend, began, order_by=("-started_at",), limit=_MOST_PAYERS)
    other = next((send for send in found if send.person != payer), None)
    if other is None or other.started_at is None:
        return None
    known = await ports.store.get(Person, other.person)
    return RanBefore(person=other.person, name=known.display_name if known else "", at=other.started_at)


async def _write_rows(
    ports: Ports, caller: Caller, send: MassSend, preview: MassPreview, rows: Sequence[FileRow]
) -> LinesDigest:
    """Writes all rows, a thousand in a posting. Returns what stands for those that are to be paid."""
    first = Posting(
        f"mass_upload:{send.id}",
        "mass_send_uploaded",
        caller.name,
        changes=(Insert(send, stamp="created_at"),),
        facts={"mass_send": send.id, "rows": send.rows},
    )
    await ports.ledger.post(first)
    lines, number = LinesDigest(), 0
    async for piece in preview.pieces(rows):
        await ports.ledger.post(_added(caller, send, number, piece))
        number += 1
        lines.add(piece)
    return lines


def _added(caller: Caller, send: MassSend, number: int, piece: Sequence[MassRow]) -> Posting:
    return Posting(
        f"mass_rows:{send.id}:{number}",
        "mass_rows_added",
        caller.name,
        changes=(Require(MassSend, send.id, {"state": MassState.UPLOADING}), *(Insert(row) for row in piece)),
        facts={"mass_send": send.id, "rows": len(piece)},
    )


def _shown(ports: Ports, send: MassSend, preview: MassPreview, lines: LinesDigest, now: datetime) -> MassSend:
    """What the payer is shown, sealed."""
    totals = tuple(preview.totals.values())
    of_people = sum(total.rows for total in totals if total.asset is Asset.ITD)
    fee_minor = sum(total.fee_minor for total in totals)
    made: dict[str, Any] = {
        "digest": lines.of(totals),
        "person_rows": of_people,
        "address_rows": sum(total.rows for total in totals) - of_people,
        "totals": totals,
        "remarks": preview.remarks(),
        "refused": preview.refused,
        "fee_minor": fee_minor,
        "total_minor": sum(total.itd_minor for total in totals) + fee_minor,
        "estimated_seconds": estimated_seconds(totals, _confirmations(ports), _PER_BLOCK),
        "expires_at": now + quote_time(ports),
    }
    shown = send.model_copy(update={"state": MassState.PREVIEW, **made})
    if shown.needs_approval:
        # Whoever approves has looked at the addresses, see ``look_at_mass_lines``, so none waits.
        told = tuple(remarked for remarked in shown.remarks if remarked.remark is not Remark.NEW_ADDRESS)
        shown = shown.model_copy(update={"remarks": told})
    return shown.model_copy(update={"mac": ports.vault.mac(shown.terms())})


def _confirmations(ports: Ports) -> dict[Asset, int]:
    settings = ports.settings
    coins = {asset: settings.coins(asset).confirmations for asset in (Asset.BTC, Asset.LTC)}
    return {Asset.ETH: settings.eth_final_depth, **coins}


async def _show(ports: Ports, caller: Caller, shown: MassSend, claim: ClaimFile) -> MassSend:
    fields = {name: value for name, value in shown.document().items() if name not in ("_id", "state", "created_at")}
    posting = Posting(
        f"mass_preview:{shown.id}",
        "mass_send_previewed",
        caller.name,
        changes=(
            claim,
            Move(MassSend, shown.id, frozenset({MassState.UPLOADING}), MassState.PREVIEW, fields),
        ),
        people=(caller.person,),
        facts={"mass_send": shown.id, "rows": shown.rows, "digest": shown.digest},
    )
    try:
        await ports.ledger.post(posting)
    except Refused as refused:
        if refused.reason is not Reason.CHANGED_MEANWHILE:
            raise
        # The same file came twice at once, and the other one was faster.
        await _owner_of(ports, claim.claim.id)
        raise
    return await mass_send_of(ports, shown.id)
