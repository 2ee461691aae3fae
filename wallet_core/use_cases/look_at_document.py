"""Look at one document of an application: recorded first, shown then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import KycDocument
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case
from wallet_core.use_cases.kyc_applications import changing, claim_until, may_review, opening, reviewed_by


@dataclass(frozen=True, slots=True)
class OpenedDocument:
    """A document with its content, for the eyes of the reviewer who asked, and its place among those of its part."""

    application: KycApplication
    document: KycDocument
    number: int
    content: bytes


@use_case(Access.FINANCE)
async def look_at_document(ports: Ports, caller: Caller, application_id: str, document_id: str) -> OpenedDocument:
    """Notes in the journal who looks at which document, and opens it only after that was committed.

    Raises ``Refused``: NOT_CLAIMED unless the application is in the caller's hands, NOT_ALLOWED for one's own,
    DOCUMENTS_GONE, NOT_FOUND, WRONG_STATE; and ``InvariantViolated`` for a document that was changed.
    """
    before, now = await reviewed_by(ports, caller, application_id), await ports.store.now()
    document = before.document_of(document_id)
    after = before.looked_at(document_id, caller.person, now, claim_until(ports, now))
    looked: dict[str, Any] = {"document": document.id, "part": document.part, "digest": document.digest}
    may_look = may_review(ports, caller)
    await ports.ledger.post(changing(caller, "kyc_document_seen", before, after, changes=may_look, **looked))
    content = await ports.documents.read(document.id, **opening(ports, before, document.id))
    return OpenedDocument(after, document, _number(before, document), content)


def _number(application: KycApplication, document: KycDocument) -> int:
    of_part = [one.id for one in application.documents if one.part is document.part]
    return of_part.index(document.id) + 1
