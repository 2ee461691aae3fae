"""Starts the nodes of the chains. One that cannot be had leaves its chain off, with the reason; the rest goes on."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.sandbox import anvil, coin_node
from bot.sandbox.chains import Chain, Coins, Ether
from bot.sandbox.chains.chain import REFUSALS
from bot.sandbox.components import COMPONENTS, MissingComponentError, ensure
from bot.sandbox.folder import Folder
from bot.sandbox.processes import Program, Supervisor
from wallet_core.adapters.mongo.embedded import free_port

Say = Callable[[str], None]
NODES = {"eth": "anvil", "btc": "bitcoind", "ltc": "litecoind"}


class Nodes:
    """The nodes of one sandbox: their addresses by the chain's name, and why the others are off."""

    def __init__(self, processes: Supervisor, folder: Folder, env: Mapping[str, str], say: Say) -> None:
        self.urls: dict[str, str] = {}
        self.off: dict[str, str] = {}
        self._processes = processes
        self._folder = folder
        self._env = env
        self._say = say

    async def start(self) -> None:
        """Starts what there is and waits until it answers; the chains are kept below the folder."""
        await asyncio.gather(*(self._start(chain, process) for chain, process in NODES.items()))

    def chains(self) -> list[Chain]:
        """A new connection to each node that was started."""
        return [Ether(url) if name == "eth" else Coins(name, url) for name, url in self.urls.items()]

    async def _start(self, chain: str, process: str) -> None:
        try:
            self.urls[chain] = await self._started(chain, process)
        except (MissingComponentError, *REFUSALS) as error:
            self.off[chain] = str(error)
            self._say(f"{chain} is off: {error}")

    async def _started(self, chain: str, process: str) -> str:
        binary = await asyncio.to_thread(ensure, COMPONENTS[process], self._say)
        port = free_port()
        argv = _command_line(chain, binary, self._folder, port)
        pid = await self._processes.run(Program(process, argv, self._env))
        url = f"http://{anvil.HOST}:{port}"
        height = await _height_when_up(chain, url)
        self._say(f"{process}: up at port {port}, block {height} (pid {pid})")
        return url


def _command_line(chain: str, binary: Path, folder: Folder, port: int) -> list[str]:
    if chain == "eth":
        return anvil.command_line(binary, anvil.AnvilOptions(port, folder.chains / "eth.json", automine=False))
    files = folder.chains / chain
    files.mkdir(exist_ok=True)
    return coin_node.command_line(binary, coin_node.CoinNodeOptions(chain, files, port))


async def _height_when_up(chain: str, url: str) -> int:
    if chain == "eth":
        async with anvil.AnvilRpc(url) as ether:
            await ether.wait_until_up()
            return await ether.height()
    async with coin_node.CoinNodeRpc(url) as coins:
        await coins.wait_until_up()
        await _wake(coins)
        return await coins.height()


async def _wake(node: coin_node.CoinNodeRpc) -> None:
    """A node whose newest block is older than a day thinks that it is still catching up, and relays nothing."""
    if (await node.call("getblockchaininfo"))["initialblockdownload"]:
        await node.mine()
