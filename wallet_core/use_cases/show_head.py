"""The head of the chain of seals, to be kept where the database's machine cannot write."""

from __future__ import annotations

from wallet_core.domain.seal import Head
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import operator_only
from wallet_core.use_cases.seals import head_of_chain


@operator_only
async def show_head(ports: Ports) -> Head:
    """The last seal, with the number of records up to it."""
    return await head_of_chain(ports.store)
