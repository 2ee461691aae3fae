"""A node that is asked only while it is ready: one that lost blocks, or follows another chain, decides nothing."""

from __future__ import annotations

from typing import TypeVar, cast

from payout_worker.ports import Node
from wallet_core.domain.chain import Heights, Identity
from wallet_core.domain.errors import Unavailable

N = TypeVar("N", bound=Node)


class WrongChainError(Exception):
    """The node follows another chain than the one that this wallet was set up on."""


def ready(node: N, seen_height: int) -> N:
    """The node behind the gate; ``seen_height`` is the highest block that was ever seen."""
    return cast(N, _ReadyNode(node, seen_height))


class _ReadyNode:
    """Stands before a node and lets ``heights`` pass only when they can be relied on; everything else goes through.

    Every step that decides something asks for the heights first, so this gate is before every decision.
    """

    def __init__(self, node: Node, seen_height: int) -> None:
        self._node = node
        self._seen_height = seen_height

    def __getattr__(self, name: str) -> object:
        return getattr(self._node, name)

    async def heights(self) -> Heights:
        """See ``ports.Node.heights``. Raises ``Unavailable`` too for a node that is behind what was seen before."""
        heights = await self._node.heights()
        if heights.latest < self._seen_height:
            raise Unavailable(f"the node is at block {heights.latest}, below {self._seen_height} that was seen before")
        self._seen_height = heights.latest
        return heights


async def check_chain(node: Node, network: str, *genesis: str | None) -> Identity:
    """The node's chain, which must be of this network and begin with each genesis that is known.

    Raises ``WrongChainError``, and ``Unavailable`` while the node answers nothing or is catching up.
    """
    identity = await node.identity()
    if identity.network != network:
        raise WrongChainError(f"the node is of network {identity.network}, this wallet of {network}")
    if others := {expected for expected in genesis if expected} - {identity.genesis}:
        raise WrongChainError(f"the node's genesis is {identity.genesis}, this wallet's {', '.join(sorted(others))}")
    if await node.syncing():
        raise Unavailable("the node is still catching up")
    return identity
