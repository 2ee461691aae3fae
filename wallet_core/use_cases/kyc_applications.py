"""What the use cases about levels share: reading an application, changing it, taking a document for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.kyc_application import (
    RUNNING,
    KycApplication,
    check_reviewer,
    document_bound_to,
    key_bound_to,
    moved,
)
from wallet_core.domain.kyc_document import KycDocument, LooseFile, Media, Part
from wallet_core.domain.kyc_messages import kyc_message, review_message
from wallet_core.domain.ledger import Message, Posting
from wallet_core.domain.people import Access, Caller, Person
from wallet_core.domain.record import Change
from wallet_core.ports import Ports
from wallet_core.use_cases.admins import admins_reaching
from wallet_core.use_cases.codes import new_id
from wallet_core.use_cases.gate import if_trusted

#: Who looks at documents and decides. Support does not.
REVIEWS: Final = Access.FINANCE
#: Far longer than storing a document takes.
UPLOAD_TIME: Final = timedelta(hours=1)
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Sent:
    """What a person sent for a part, in which chat message."""

    part: Part
    content: bytes
    media: Media
    message_id: int
    is_picture: bool = False

    def kept(self, document_id: str, digest: str, at: datetime) -> KycDocument:
        """The document as it is known once its content is stored."""
        return KycDocument(
            id=document_id,
            part=self.part,
            media=self.media,
            is_picture=self.is_picture,
            size_bytes=len(self.content),
            digest=digest,
            message_id=self.message_id,
            sent_at=at,
        )


Decide = Callable[[KycApplication], KycApplication]


async def application_of(ports: Ports, application_id: str) -> KycApplication:
    """The application. Raises ``Refused(NOT_FOUND)``."""
    application = await ports.store.get(KycApplication, application_id)
    if application is None:
        raise Refused(Reason.NOT_FOUND, what=KycApplication.collection)
    return application


async def own_application(ports: Ports, caller: Caller, application_id: str) -> KycApplication:
    """The caller's own. Raises ``Refused`` NOT_FOUND or NOT_YOURS."""
    application = await application_of(ports, application_id)
    if application.person != caller.person:
        raise Refused(Reason.NOT_YOURS)
    return application


async def latest_of(ports: Ports, person: int) -> KycApplication | None:
    """The person's newest application, whatever became of it."""
    found = await ports.store.find(KycApplication, {"person": person}, order_by=("-opened_at",), limit=1)
    return found[0] if found else None


async def running_of(ports: Ports, person: int) -> KycApplication | None:
    """The person's application that is not over."""
    found = await ports.store.find(KycApplication, {"person": person, "state": RUNNING}, limit=1)
    return found[0] if found else None


def changing(
    caller: Caller,
    kind: str,
    before: KycApplication,
    after: KycApplication,
    *,
    changes: tuple[Change, ...] = (),
    messages: tuple[Message, ...] = (),
    stamp: str | None = None,
    **facts: Any,
) -> Posting:
    """The posting that takes an application from one form to the other; ``stamp`` names the time it notes."""
    return Posting(
        f"kyc:{new_id()}",
        kind,
        caller.name,
        changes=(*changes, moved(before, after, stamp=stamp)),
        messages=messages,
        people=(before.person, caller.person) if before.person != caller.person else (caller.person,),
        facts={"application": before.id, **facts},
    )


async def change_own(
    ports: Ports, caller: Caller, application_id: str, kind: str, decide: Decide, **facts: Any
) -> KycApplication:
    """Changes the caller's own application, whose card follows; anew when something else changed it in between."""
    for last in (*(False,) * (_TRIES - 1), True):
        before = await own_application(ports, caller, application_id)
        after = decide(before)
        try:
            await ports.ledger.post(changing(caller, kind, before, after, messages=(kyc_message(after),), **facts))
        except Refused as refused:
            if last or refused.reason is not Reason.CHANGED_MEANWHILE:
                raise
        else:
            return after
    raise AssertionError("the last try ends it")


async def take_document(ports: Ports, caller: Caller, application_id: str, sent: Sent) -> KycApplication:
    """Seals and stores a document, then notes it: a kill in between leaves a loose file that is removed later.

    Raises ``AlreadyDone`` for a message that was taken before, and what ``KycApplication.check_asks`` raises.
    """
    application = await own_application(ports, caller, application_id)
    application.check_asks(sent.part, sent.message_id)
    document_id, now = new_id(), await ports.store.now()
    await ports.store.put(LooseFile(id=document_id, until=now + UPLOAD_TIME))
    digest = await ports.documents.keep(document_id, sent.content, **opening(ports, application, document_id))
    kept = sent.kept(document_id, digest, now)
    told = kept.model_dump(include={"part", "media", "size_bytes", "digest"}) | {"document": document_id}
    after = await change_own(
        ports, caller, application_id, "kyc_document_sent", lambda found: found.with_document(kept), **told
    )
    await ports.store.remove(LooseFile, document_id)
    return after


def opening(ports: Ports, application: KycApplication, document_id: str) -> dict[str, Any]:
    """What ``ports.Documents`` needs for one document: the application's key, and what it is bound to."""
    if application.key is None:
        raise Refused(Reason.DOCUMENTS_GONE)
    key = ports.vault.open(application.key, bound_to=key_bound_to(application.id, application.person))
    return {"key": key, "bound_to": document_bound_to(application, document_id)}


async def reviewed_by(ports: Ports, caller: Caller, application_id: str) -> KycApplication:
    """An application of somebody else. Raises ``Refused`` NOT_FOUND or NOT_ALLOWED."""
    application = await application_of(ports, application_id)
    check_reviewer(application, caller.person)
    return application


async def told_to_reviewers(ports: Ports, application: KycApplication) -> tuple[Message, ...]:
    """What those who review read of it now, each in a message of their own; nothing to the person it is about."""
    admins = await admins_reaching(ports.store, ports.vault, REVIEWS)
    name = await name_of(ports, application.person)
    decider = None if application.decided_by is None else await name_of(ports, application.decided_by)
    return tuple(
        review_message(application, admin.id, name, decider)
        for admin in admins
        if admin.id != application.person and admin.enrolled
    )


async def name_of(ports: Ports, person: int) -> str:
    """How somebody is shown."""
    known = await ports.store.get(Person, person)
    return known.display_name if known else str(person)


def may_review(ports: Ports, caller: Caller) -> tuple[Change, ...]:
    """For every posting of a reviewer's."""
    return if_trusted(ports, caller.person, REVIEWS)


def claim_until(ports: Ports, now: datetime) -> datetime:
    """Until when an application stays in a reviewer's hands."""
    return now + timedelta(seconds=ports.settings.kyc_claim_seconds)
