"""Remove files that no application has: what a kill left between storing a document and noting it."""

from __future__ import annotations

from wallet_core.domain.kyc_application import KycApplication
from wallet_core.domain.kyc_document import LooseFile
from wallet_core.ports import Before, Ports, Some
from wallet_core.use_cases.gate import operator_only


@operator_only
async def remove_loose_files(ports: Ports) -> int:
    """A hundred at most; what an application has stays. Returns how many were removed."""
    due = await ports.store.find(LooseFile, {"until": Before(await ports.store.now(), inclusive=True)})
    return sum([await _remove(ports, file) for file in due])


async def _remove(ports: Ports, file: LooseFile) -> bool:
    owners = await ports.store.find(KycApplication, {"documents": Some({"id": file.id})}, limit=1)
    loose = not owners or owners[0].key is None
    if loose:
        await ports.documents.remove(file.id)
    await ports.store.remove(LooseFile, file.id)
    return loose
