"""Whether the keys that a process was started with are those that were registered, and what happens if not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from wallet_core.domain.approval import Approval, ApprovalKind, ApprovalState
from wallet_core.domain.errors import InvariantViolated, Refused
from wallet_core.domain.journal import JournalRecord
from wallet_core.domain.key_register import KeyRegister
from wallet_core.domain.people import OPERATOR, Caller
from wallet_core.ports import After, Ports
from wallet_core.use_cases.admins import tell_owners
from wallet_core.use_cases.approvals import approval_saying, asking
from wallet_core.use_cases.approving.keys import free_number, register_key, registering

#: Before the first version.
NONE_YET: Final = KeyRegister(id=0, parts={})
_Parts = Mapping[str, str]


async def keys_stand(ports: Ports, parts: _Parts) -> bool:
    """Whether these are the registered keys. What is used for the first time is registered by itself.

    Otherwise the owners are told and asked, once, and the answer is False until one of them has approved.
    """
    known = await registered(ports)
    changed = known.changed_by(parts) if known else {"register": {"before": "?", "after": "changed in the database"}}
    if known is None or changed:
        await _ask(ports, known or await _newest(ports), parts, changed)
        return False
    if parts.keys() <= known.parts.keys():
        return True
    return await _register(ports, known, parts)


async def registered(ports: Ports) -> KeyRegister | None:
    """The register that counts; None where its seal does not fit, or a later one is gone."""
    newest = await _newest(ports)
    if newest.id and not ports.vault.mac_fits(newest.terms(), newest.mac):
        return None
    if await ports.store.get(JournalRecord, register_key(newest.id + 1)):
        return newest if (await _newest(ports)).id > newest.id else None
    return newest


async def _newest(ports: Ports) -> KeyRegister:
    found = await ports.store.find(KeyRegister, {}, order_by=("-_id",), limit=1)
    return found[0] if found else NONE_YET


async def _register(ports: Ports, known: KeyRegister, parts: _Parts) -> bool:
    posting = registering(ports, "operator", known.id + 1, {**known.parts, **parts})
    try:
        await ports.ledger.post(posting)
    except (Refused, InvariantViolated):
        # Another process was faster with other keys of its own: looked at anew at the next call.
        return False
    return True


async def _ask(ports: Ports, known: KeyRegister, parts: _Parts, changed: dict[str, Any]) -> None:
    subject = hashlib.sha256(json.dumps([known.id, changed], sort_keys=True).encode()).hexdigest()[:16]
    asked = {"kind": ApprovalKind.KEYS, "subject": subject, "expires_at": After(await ports.store.now())}
    if await ports.store.find(Approval, {**asked, "state": (ApprovalState.ASKED, ApprovalState.REFUSED)}, limit=1):
        return
    await tell_owners(ports, "keys_changed", ", ".join(sorted(changed)), by="operator")
    what = {"number": await free_number(ports, known.id + 1), "parts": {**known.parts, **parts}, "changed": changed}
    made = await approval_saying(ports, Caller(OPERATOR), ApprovalKind.KEYS, subject, what)
    await ports.ledger.post(await asking(ports, made))
