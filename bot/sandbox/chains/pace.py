"""How often a chain's blocks come.

A block comes every few seconds, faster than on a real chain. While nothing happens for a while the pace drops to a
block a minute, or the chain of a sandbox that is left running would grow by 43,000 blocks a day, and its node with it.
"""

import time

#: After so many blocks without a transaction the pace drops.
BUSY_BLOCKS = 90
IDLE_BLOCK_SECONDS = 60.0


class Pace:
    """When the next block is due. `block_seconds` is the time between blocks; 0: only people mine."""

    def __init__(self, block_seconds: float) -> None:
        self.block_seconds = block_seconds
        self._quiet_blocks = 0
        self._mined_at = time.monotonic()

    def is_due(self, pending: int) -> bool:
        """Whether to mine now, `block_seconds` after the last look; `pending` transactions wait."""
        if pending:
            self.wake()
        return not self._is_idle or time.monotonic() >= self._mined_at + IDLE_BLOCK_SECONDS

    def mined(self) -> None:
        """Notes a block that came by itself."""
        self._quiet_blocks += 1
        self._mined_at = time.monotonic()

    def wake(self) -> None:
        """Somebody does something with the chain: blocks come at the full pace again."""
        self._quiet_blocks = 0

    @property
    def note(self) -> str:
        """The pace in words."""
        if self.block_seconds <= 0:
            return "blocks are mined by hand"
        pause = max(IDLE_BLOCK_SECONDS, self.block_seconds) if self._is_idle else self.block_seconds
        return f"a block every {pause:g} s"

    @property
    def _is_idle(self) -> bool:
        return self._quiet_blocks >= BUSY_BLOCKS
