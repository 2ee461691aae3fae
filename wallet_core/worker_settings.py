"""The parts of the settings that say how a worker works, and on which rails; see ``wallet_core.settings``."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from wallet_core.domain.money import Asset


class WorkerSettings(BaseSettings):
    """Each of several workers may have its own."""

    worker_state_dir: Path = Field(
        default=Path("data/worker"), description="a worker's own state files and signing record"
    )
    worker_rails: str = Field(
        default="",
        description="which rails this worker serves, such as `ETH USD`; ITD: mass sends; empty: all that are set up",
    )
    worker_health_port: int = Field(
        default=0, description="port of /livez, /readyz and /metrics of the worker; 0: none"
    )
    worker_poll_seconds: float = Field(default=2.0, gt=0, description="how often the worker looks at chain and queue")
    worker_stuck_seconds: float = Field(
        default=300, gt=0, description="a loop of the worker that has not come round for so long fails /livez"
    )
    lease_seconds: int = Field(default=15, ge=1, description="a worker silent for so long loses its wallets to another")

    seal_seconds: float = Field(
        default=2.0, gt=0, le=10, description="how often the worker chains what was posted into a seal"
    )

    @field_validator("worker_rails")
    @classmethod
    def _are_rails(cls, value: str) -> str:
        strange = sorted(set(value.split()) - {asset.value for asset in Asset})
        if strange:
            raise ValueError(
                f"{strange[0]} is no rail: name some of BTC, ETH, LTC, USD and ITD, with blanks between them"
            )
        return value

    def has_rail(self, asset: Asset) -> bool:
        """Whether this worker serves a rail, if it is set up."""
        return not self.worker_rails.split() or asset.value in self.worker_rails.split()
