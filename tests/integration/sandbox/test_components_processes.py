"""The sandbox's processes and its chains, with real processes and real nodes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.sandbox.chains import Ether, LocalChains, pace
from bot.sandbox.processes import Program, Supervisor
from bot.sandbox.world import HookError
from tests.conftest import AnvilFactory, AnvilNode

STRANGER = "0x00000000000000000000000000000000000000AA"
POLITE = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('up', flush=True)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)"


def program(name: str, code: str = POLITE, *, revived: bool = False) -> Program:
    return Program(name, [sys.executable, "-c", f"{code}; time.sleep(600)"], dict(os.environ), revived=revived)


@pytest.fixture
async def supervisor(tmp_path: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path / "logs")
    yield made
    await made.stop_all(grace_seconds=0.2)


async def until(is_true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not is_true():  # noqa: ASYNC110 - processes set no event
            await asyncio.sleep(0.02)


async def up(supervisor: Supervisor, what: Program) -> int:
    pid = await supervisor.run(what)
    await until(lambda: "up" in supervisor.log_of(what.name).read_text())
    return pid


async def test_a_process_that_ends_is_shown_and_stays_ended_until_it_is_started(supervisor: Supervisor) -> None:
    first_pid = await up(supervisor, program("bot"))
    killed = await supervisor.act("bot", "SIGKILL")
    assert (killed["state"], killed["pid"], killed["signal"]) == ("exited", None, "SIGKILL")
    with pytest.raises(HookError, match="not running"):
        await supervisor.act("bot", "SIGTERM")
    started = await supervisor.act("bot", "start")
    assert started["state"] == "running"
    assert started["pid"] != first_pid
    with pytest.raises(HookError, match="is running"):
        await supervisor.act("bot", "start")


async def test_a_sigterm_lets_it_leave_by_itself(supervisor: Supervisor) -> None:
    await up(supervisor, program("worker"))
    ended = await supervisor.act("worker", "SIGTERM")
    assert (ended["exit_code"], ended["signal"]) == (0, None)


@pytest.mark.parametrize(("name", "action"), [("nobody", "start"), ("bot", "SIGSTOP")])
async def test_unknown_names_and_signals_are_refused(supervisor: Supervisor, name: str, action: str) -> None:
    await up(supervisor, program("bot"))
    with pytest.raises(HookError, match="there is no"):
        await supervisor.act(name, action)


async def test_a_revived_program_comes_back_unless_it_was_told_to_end(supervisor: Supervisor) -> None:
    pid = await up(supervisor, program("mongod", revived=True))
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not supervisor.is_running("mongod"))
    await until(lambda: supervisor.is_running("mongod"))
    await supervisor.act("mongod", "SIGKILL")
    await asyncio.sleep(1.3)
    assert not supervisor.is_running("mongod")


async def test_what_ignores_a_sigterm_is_killed_after_the_grace(supervisor: Supervisor) -> None:
    pid = await up(supervisor, program("stubborn", STUBBORN))
    await supervisor.stop(["stubborn"], grace_seconds=0.2)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_each_process_has_a_session_of_its_own(supervisor: Supervisor) -> None:
    pid = await up(supervisor, program("bot"))
    assert os.getsid(pid) == pid


@pytest.fixture
async def node(anvil: AnvilFactory) -> AnvilNode:
    return await anvil(automine=False)


@pytest.fixture
async def world(node: AnvilNode) -> AsyncIterator[LocalChains]:
    made = LocalChains([Ether(node.url)], {"ltc": "no litecoind is to be had"}, 0)
    yield made
    await made.close()


async def test_the_faucet_pays_and_confirmations_grow(world: LocalChains) -> None:
    paid = await world.send("eth", STRANGER, "0.015")
    assert paid["txid"].startswith("0x")
    pending = await world.received("eth", STRANGER)
    assert (pending["amount"], pending["confirmations"], pending["pending"]) == ("0", 0, "0.015")
    assert (await world.mine("eth", 3))["height"] == 3
    got = await world.received("eth", STRANGER)
    assert (got["amount"], got["confirmations"], got["pending"]) == ("0.015", 3, "0")


async def test_a_reorganisation_takes_the_payment_back(world: LocalChains) -> None:
    await world.mine("eth", 2)
    await world.send("eth", STRANGER, "1")
    await world.mine("eth", 2)
    assert (await world.reorg("eth", 2))["height"] == 4
    assert (await world.received("eth", STRANGER))["amount"] == "0"
    with pytest.raises(HookError, match="only 4 blocks"):
        await world.reorg("eth", 4)


async def test_the_faucet_never_runs_dry(world: LocalChains) -> None:
    for _ in range(2):
        await world.send("eth", STRANGER, "900000000")
        await world.mine("eth", 1)
    assert (await world.received("eth", STRANGER))["amount"] == "1800000000"


@pytest.mark.parametrize(
    "address", ["", "0x12", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", STRANGER.replace("A", "g")]
)
async def test_what_is_no_address_is_refused(world: LocalChains, address: str) -> None:
    with pytest.raises(HookError, match="no Ethereum address"):
        await world.send("eth", address, "1")


async def test_chains_that_are_off_say_so(world: LocalChains) -> None:
    with pytest.raises(HookError, match="no litecoind is to be had") as caught:
        await world.mine("ltc", 1)
    assert caught.value.status == 503
    with pytest.raises(HookError, match="there is no chain doge"):
        await world.mine("doge", 1)
    assert [(chain["chain"], chain["running"]) for chain in await world.state()] == [
        ("eth", True),
        ("btc", False),
        ("ltc", False),
    ]


async def test_a_node_that_is_away_is_said_to_be_away(world: LocalChains, node: AnvilNode) -> None:
    await node.stop(signal.SIGKILL)
    assert (await world.state())[0]["running"] is False
    with pytest.raises(HookError, match="does not answer"):
        await world.mine("eth", 1)


async def test_blocks_come_by_themselves_slower_when_idle_and_at_once_for_a_payment(
    node: AnvilNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "BUSY_BLOCKS", 3)
    world = LocalChains([Ether(node.url)], {}, 0.05)
    mining = asyncio.create_task(world.keep_mining())
    await asyncio.sleep(0.8)
    assert await node.height() == 3
    await node.send(STRANGER, 1)
    await asyncio.sleep(0.4)
    assert await node.balance(STRANGER) == 1
    mining.cancel()
    await world.close()
