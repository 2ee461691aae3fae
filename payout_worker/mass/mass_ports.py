"""What mass sends may reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from payout_worker.ports import UnitPorts
from wallet_core.domain.money import Asset
from wallet_core.ports import Ports, Vault


@dataclass(frozen=True, slots=True)
class MassPorts(UnitPorts):
    """Everything that mass sends may reach. They sign nothing: what goes to an address becomes a payout."""

    vault: Vault

    @classmethod
    def of(cls, core: Ports) -> Self:
        """The core's ports; the asset is the one that every mass send is paid with."""
        return cls(core, core.settings, core.ledger, core.store, Asset.ITD, core.vault)
