"""Show the sets of policies that were ever switched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from wallet_core.domain.people import Access, Caller
from wallet_core.domain.policies import PolicySet
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import use_case

_PAGE: Final = 8


@dataclass(frozen=True, slots=True)
class PolicySetsPage:
    """Some of the sets, newest first."""

    sets: tuple[PolicySet, ...]
    number: int
    has_more: bool


@use_case(Access.FINANCE)
async def show_policy_sets(ports: Ports, caller: Caller, page: int) -> PolicySetsPage:
    """A page of the sets, the newest first."""
    found = await ports.store.find(PolicySet, {}, order_by=("-_id",), limit=_PAGE + 1, skip=(page - 1) * _PAGE)
    return PolicySetsPage(tuple(found[:_PAGE]), page, len(found) > _PAGE)
