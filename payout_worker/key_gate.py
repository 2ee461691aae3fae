"""Nothing new is formed or signed with keys and addresses that are others than were registered.

In production alone: in the sandbox keys come and go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from payout_worker.ports import WorkerPorts
from wallet_core.bootstrap import public_keys
from wallet_core.domain.key_register import fingerprint
from wallet_core.domain.money import Asset
from wallet_core.settings import Environment
from wallet_core.use_cases.key_registers import keys_stand

log = structlog.get_logger(__name__)

Gate = Callable[[], Awaitable[bool]]
#: Terms that nothing else is sealed with: their code stands for the key.
_MAC_PROBE = b"fingerprint of the authentication key"


async def always_open() -> bool:
    """No keys are asked about."""
    return True


class KeyGate:
    """Asks in each pass until the keys stand; then never again, since a process's keys do not change."""

    def __init__(self, ports: WorkerPorts) -> None:
        self._ports = ports
        self._stand = ports.settings.wallet_env is Environment.SANDBOX

    async def __call__(self) -> bool:
        """Whether batches may be formed and signed. Raises ``Unavailable``."""
        if not self._stand:
            self._stand = await keys_stand(self._ports.core, key_parts(self._ports))
            if not self._stand:
                log.critical("keys_changed", asset=self._ports.asset)
        return self._stand


def key_parts(ports: WorkerPorts) -> dict[str, str]:
    """What this worker pays with and moves coins to, by name; ``hot`` is the seed's own address."""
    settings, asset = ports.settings, ports.asset
    deposits = public_keys(settings.wallet_keys_dir)["deposits"].get(asset, "")
    parts = {
        "mac key": fingerprint(ports.core.vault.mac(_MAC_PROBE)),
        f"{asset} deposits": fingerprint(deposits),
        f"{asset} hot wallet": ports.signer.address,
        f"{asset} cold wallet": settings.sweep(asset).cold_address,
    }
    return parts | ({f"{asset} contract": settings.eth_multisend_address} if asset is Asset.ETH else {})
