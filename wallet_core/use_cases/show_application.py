"""Show how far one's own application for a level is."""

from __future__ import annotations

from dataclasses import dataclass

from wallet_core.domain.kyc_application import PARTS, KycApplication
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.gate import admit, use_case
from wallet_core.use_cases.kyc_applications import latest_of


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """The person's level, the next one if there is any, and their newest application."""

    level: int
    next_level: int | None
    latest: KycApplication | None


@use_case(Access.ENROLLED)
async def show_application(ports: Ports, caller: Caller) -> ApplicationView:
    """As it is now."""
    level = (await admit(ports, caller, Access.ENROLLED)).level
    return ApplicationView(level, level + 1 if level + 1 in PARTS else None, await latest_of(ports, caller.person))
