"""Remove the documents of applications that are over, once they were kept long enough."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from wallet_core.domain.kyc_application import ENDED, KycApplication, KycState, moved
from wallet_core.domain.kyc_document import LooseFile
from wallet_core.domain.ledger import Posting
from wallet_core.ports import Before, Ports
from wallet_core.use_cases.gate import operator_only

#: Longer than it takes from the note to the posting.
REMOVAL_TIME: Final = timedelta(minutes=1)


@operator_only
async def remove_documents(ports: Ports) -> int:
    """Destroys the key of each, which no copy of its documents outlives, and then its files. Returns how many.

    ``KYC_RETENTION_DAYS`` after the end; at once for what nobody has ever handed in. A hundred at most.
    """
    due = await _due(ports)
    for application in due:
        await _remove(ports, application)
    return len(due)


async def _due(ports: Ports) -> list[KycApplication]:
    now = await ports.store.now()
    kept_since = now - timedelta(days=ports.settings.kyc_retention_days)
    over = {"state": ENDED, "removed_at": None, "ended_at": Before(kept_since, inclusive=True)}
    never = {"state": (KycState.CANCELLED, KycState.EXPIRED), "removed_at": None, "handed_in_at": None}
    found = [*await ports.store.find(KycApplication, over), *await ports.store.find(KycApplication, never)]
    return list({application.id: application for application in found}.values())


async def _remove(ports: Ports, application: KycApplication) -> None:
    # Noted first: whoever is killed from here on leaves nothing that is not found again. And for a while ahead, or
    # another process would take the note away as that of a file in use, as long as the key is there.
    until = await ports.store.now() + REMOVAL_TIME
    for document in application.documents:
        await ports.store.put(LooseFile(id=document.id, until=until))
    await ports.ledger.post(
        Posting(
            f"kyc_removed:{application.id}",
            "kyc_documents_removed",
            "system",
            changes=(moved(application, application.removed(), stamp="removed_at"),),
            people=(application.person,),
            facts={"application": application.id, "documents": len(application.documents)},
        )
    )
    for document in application.documents:
        await ports.documents.remove(document.id)
        await ports.store.remove(LooseFile, document.id)
