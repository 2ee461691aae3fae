"""The starter's nodes: all come up, chains are kept over a restart, and one that is missing leaves the rest alone."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox import nodes as nodes_module
from bot.sandbox.chains import LocalChains
from bot.sandbox.components import Component, MissingComponentError, Say, ensure
from bot.sandbox.folder import Folder
from bot.sandbox.nodes import Nodes
from bot.sandbox.processes import Supervisor


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path)
    made.chains.mkdir()
    return made


@pytest.fixture
async def supervisor(folder: Folder) -> AsyncIterator[Supervisor]:
    made = Supervisor(folder.logs)
    yield made
    await made.stop_all()


async def started(supervisor: Supervisor, folder: Folder, said: list[str]) -> Nodes:
    nodes = Nodes(supervisor, folder, dict(os.environ), said.append)
    await nodes.start()
    return nodes


async def heights(nodes: Nodes) -> dict[str, int | None]:
    world = LocalChains(nodes.chains(), nodes.off, 0)
    seen = {one["chain"]: one["height"] for one in await world.state()}
    await world.close()
    return seen


async def test_every_chain_comes_up_and_is_kept_over_a_restart(supervisor: Supervisor, folder: Folder) -> None:
    said: list[str] = []
    nodes = await started(supervisor, folder, said)
    assert nodes.off == {}
    # A new node of bitcoin or litecoin thinks that it is still catching up, until it has a block of today.
    assert await heights(nodes) == {"eth": 0, "btc": 1, "ltc": 1}
    for chain in nodes.chains():
        await chain.mine(3)
        await chain.close()
    await supervisor.stop_all()
    assert {one["state"] for one in await supervisor.state()} == {"exited"}
    again = await started(supervisor, folder, said)
    assert await heights(again) == {"eth": 3, "btc": 4, "ltc": 4}
    assert len([line for line in said if ": up at port" in line]) == 6


async def test_a_node_that_is_not_to_be_had_leaves_its_chain_off(
    supervisor: Supervisor, folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def scarce(component: Component, say: Say) -> Path:
        if component.name != "litecoind":
            return ensure(component, say)
        raise MissingComponentError("litecoind", "not here", "Install it.")

    monkeypatch.setattr(nodes_module, "ensure", scarce)
    said: list[str] = []
    nodes = await started(supervisor, folder, said)
    assert (sorted(nodes.urls), nodes.off) == (["btc", "eth"], {"ltc": "litecoind: not here. Install it."})
    assert "ltc is off: litecoind: not here. Install it." in said
    assert (await heights(nodes))["ltc"] is None


@pytest.mark.parametrize("process", ["bitcoind", "litecoind"])
async def test_a_node_killed_from_the_page_starts_again_on_its_chain(
    supervisor: Supervisor, folder: Folder, process: str
) -> None:
    nodes = await started(supervisor, folder, [])
    for chain in nodes.chains():
        await chain.mine(2)
        await chain.close()
    before = await heights(nodes)
    killed = await supervisor.act(process, signal.SIGKILL.name)
    assert killed["signal"] == "SIGKILL"
    assert list((await heights(nodes)).values()).count(None) == 1
    await supervisor.act(process, "start")
    for chain in nodes.chains():
        await nodes_module._height_when_up(chain.name, nodes.urls[chain.name])
        await chain.close()
    assert await heights(nodes) == before
