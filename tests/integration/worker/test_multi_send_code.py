"""The multi-send contract by itself, on anvil: its code is its source, and what no caller and no receiver can do."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_utils.address import to_checksum_address

from bot.sandbox.anvil import AnvilRpc
from bot.sandbox.components import COMPONENTS, ensure
from bot.sandbox.components.npm import NPM, node_of
from bot.sandbox.components.solc import compiled
from tests.faults.chains import ether_chain
from wallet_core.adapters.chains import multi_send
from wallet_core.adapters.chains.ethereum_node import EthereumNode
from wallet_core.domain.multi_send import (
    CALL_GAS,
    GAS_IN_ALL,
    GAS_PER_PAYOUT,
    MOST_GAS,
    MOST_PAYOUTS,
    MultiSend,
    Payment,
    Results,
    most_gas,
)

GWEI = 10**9
FINNEY = 10**15

REVERTS = "0x5f5ffd"
BURNS_ALL_GAS = "0xfe"
#: JUMPDEST PUSH0 JUMP
RUNS_FOR_EVER = "0x5b5f56"
#: PUSH2 0x2000 PUSH0 RETURN or REVERT: eight kilobytes for whoever copies them.
RETURNS_MUCH = "0x6120005ff3"
REVERTS_WITH_MUCH = "0x6120005ffd"
#: Writes a slot that nobody wrote, and reads two: more than any usual wallet does.
TAKES_25K = "0x60015f5560015450600254505f545000"
#: CALLER SELFDESTRUCT to somebody else.
DESTROYS_ITSELF = "0x61dead" + "ff"


@dataclass
class Sender:
    """An anvil with the contract, whose owner is one of its own accounts."""

    rpc: AnvilRpc
    node: EthereumNode
    owner: str
    stranger: str
    contract: str

    def call(self, count: int, batch: str | None = None) -> MultiSend:
        """A call for so many new addresses."""
        payments = (Payment(secrets.token_hex(8), _address(), FINNEY + at) for at in range(count))
        return MultiSend(self.contract, batch or secrets.token_hex(12), tuple(payments))

    async def send(self, call: MultiSend, gas: int | None = None, **more: Any) -> dict[str, Any]:
        """Sends it from the owner and mines; the receipt."""
        fields = {
            "from": self.owner,
            "to": self.contract,
            "value": hex(call.value_minor),
            "data": "0x" + multi_send.call_data(call).hex(),
            "gas": hex(gas or most_gas(len(call.payments))),
        } | more
        txid = await self.rpc.call("eth_sendTransaction", fields)
        await self.rpc.mine()
        receipt: dict[str, Any] = await self.rpc.call("eth_getTransactionReceipt", txid)
        return receipt

    async def results(self, receipt: dict[str, Any]) -> Results:
        """What its events tell."""
        found = await self.node.results(receipt["transactionHash"], self.contract)
        assert found is not None
        return found

    async def got(self, call: MultiSend) -> list[int]:
        """What each of its addresses has now."""
        return [await self.rpc.balance(payment.address) for payment in call.payments]

    async def set_code(self, payment: Payment, code: str) -> None:
        """Gives a receiver this code."""
        await self.rpc.call("anvil_setCode", payment.address, code)


def _address() -> str:
    return str(to_checksum_address("0x" + secrets.token_hex(20)))


@pytest.fixture
async def sender(tmp_path: Path) -> AsyncIterator[Sender]:
    """A new chain with the contract."""
    async with ether_chain(tmp_path) as chain:
        owner, stranger = [to_checksum_address(a) for a in (await chain.node.call("eth_accounts"))[:2]]
        deployed = await chain.deploy(owner, 2)
        node = EthereumNode(chain.url)
        try:
            yield Sender(chain.node, node, owner, stranger, deployed["ETH_MULTISEND_ADDRESS"])
        finally:
            await node.close()


async def _compiled(source: str) -> dict[str, Any]:
    npm, solc = [await asyncio.to_thread(ensure, what, print) for what in (NPM, COMPONENTS["solc"])]
    wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences"]
    task = {
        "language": "Solidity",
        "sources": {"MultiSend.sol": {"content": source}},
        "settings": {**multi_send.artifact()["settings"], "outputSelection": {"*": {"*": wanted}}},
    }
    made = await asyncio.to_thread(compiled, solc, node_of(npm), task)
    assert not [error for error in made.get("errors", ()) if error["severity"] == "error"]
    contract: dict[str, Any] = made["contracts"]["MultiSend.sol"]["MultiSend"]
    return contract


async def test_the_code_in_the_repository_is_what_the_compiler_makes_of_its_source() -> None:
    kept, contract = multi_send.artifact(), await _compiled(multi_send.source())
    (places,) = contract["evm"]["deployedBytecode"]["immutableReferences"].values()
    assert contract["abi"] == kept["abi"]
    assert contract["evm"]["bytecode"]["object"] == kept["creation"]
    assert contract["evm"]["deployedBytecode"]["object"] == kept["runtime"]
    assert sorted(place["start"] for place in places) == kept["owner_at"]


async def _plant(sender: Sender, *edits: tuple[str, str]) -> None:
    """Puts the contract with some of its source changed in the place of the sound one; its owner is the same."""
    source = multi_send.source()
    for sound, wrong in edits:
        assert source.count(sound) == 1
        source = source.replace(sound, wrong)
    runtime = (await _compiled(source))["evm"]["deployedBytecode"]
    code, owner = bytearray.fromhex(runtime["object"]), bytes.fromhex(sender.owner[2:]).rjust(32, b"\0")
    for places in runtime["immutableReferences"].values():
        for place in places:
            code[place["start"] : place["start"] + 32] = owner
    await sender.rpc.call("anvil_setCode", sender.contract, "0x" + code.hex())


async def test_without_the_bit_a_batch_that_is_sent_twice_is_seen_to_pay_twice(sender: Sender) -> None:
    await _plant(sender, ("            words[i >> 8] = bits | bit;\n", ""))
    call = sender.call(2)
    for _ in range(2):
        await sender.send(call)
    assert await sender.got(call) == [2 * payment.value_minor for payment in call.payments]


async def test_with_the_bit_set_after_the_call_a_receiver_that_calls_back_is_seen_to_gain(sender: Sender) -> None:
    """Only where the owner's check and the cap on gas are gone as well: each of the three is enough by itself."""
    set_bit = "            words[i >> 8] = bits | bit;\n"
    await _plant(
        sender,
        (set_bit, ""),
        ("                paid[i >> 8] |= bit;\n", f"                paid[i >> 8] |= bit;\n{set_bit}"),
        ("        require(msg.sender == OWNER);\n", ""),
        ("CALL_GAS = 50_000", "CALL_GAS = 1_000_000"),
    )
    call = sender.call(4)
    thief = MultiSend(call.contract, call.batch, call.payments[:1])
    await sender.set_code(call.payments[0], calls_back(multi_send.call_data(thief), swallows=True))
    await sender.send(call, gas=3_000_000)
    assert (await sender.got(call))[0] > call.payments[0].value_minor


async def test_whoever_deploys_it_its_code_tells_its_owner(sender: Sender) -> None:
    height = await sender.rpc.height()
    assert await sender.node.has_multi_send(sender.contract, sender.owner, height)
    assert not await sender.node.has_multi_send(sender.contract, sender.stranger, height)
    assert not await sender.node.has_multi_send(sender.stranger, sender.owner, height)
    assert not await sender.node.has_multi_send(sender.contract, sender.owner, 0)


async def test_each_is_paid_its_own_amount_and_has_its_event(sender: Sender) -> None:
    call = sender.call(40)
    receipt = await sender.send(call)
    assert await sender.got(call) == [payment.value_minor for payment in call.payments]
    results = await sender.results(receipt)
    assert results.failed_of([payment.payout for payment in call.payments]) == ()
    assert await sender.rpc.balance(sender.contract) == 0


async def test_nobody_but_the_owner_calls_it_and_it_takes_no_plain_ether(sender: Sender) -> None:
    call = sender.call(1)
    receipt = await sender.send(call, **{"from": sender.stranger})
    assert receipt["status"] == "0x0" and await sender.got(call) == [0]
    plain = {"from": sender.stranger, "to": sender.contract, "value": "0x1", "gas": hex(100_000)}
    await sender.rpc.call("eth_sendTransaction", plain)
    await sender.rpc.mine()
    assert await sender.rpc.balance(sender.contract) == 0


@pytest.mark.parametrize("code", [REVERTS, BURNS_ALL_GAS, RUNS_FOR_EVER, REVERTS_WITH_MUCH])
async def test_who_fails_fails_alone_and_the_coins_go_back(sender: Sender, code: str) -> None:
    call = sender.call(9)
    await sender.set_code(call.payments[4], code)
    before = await sender.rpc.balance(sender.owner)
    receipt = await sender.send(call)
    paid = [0 if at == 4 else payment.value_minor for at, payment in enumerate(call.payments)]
    assert await sender.got(call) == paid
    fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert before - await sender.rpc.balance(sender.owner) == sum(paid) + fee
    assert (await sender.results(receipt)).failed_of([p.payout for p in call.payments]) == (call.payments[4].payout,)


async def test_wallets_that_are_contracts_are_paid(sender: Sender) -> None:
    call = sender.call(3)
    for payment, code in zip(call.payments, (TAKES_25K, RETURNS_MUCH, DESTROYS_ITSELF), strict=True):
        await sender.set_code(payment, code)
    receipt = await sender.send(call)
    assert (await sender.results(receipt)).failed == frozenset()
    assert (await sender.got(call))[:2] == [payment.value_minor for payment in call.payments[:2]]


async def test_what_a_receiver_returns_costs_the_caller_nothing(sender: Sender) -> None:
    quiet, loud = sender.call(1), sender.call(1)
    await sender.set_code(quiet.payments[0], "0x00")
    await sender.set_code(loud.payments[0], RETURNS_MUCH)
    # The receiver's own memory costs gas; to copy it would cost that again.
    memory = 256 * 3 + 256**2 // 512
    gas = [int((await sender.send(call))["gasUsed"], 16) for call in (quiet, loud)]
    assert gas[1] - gas[0] < memory + 300


async def test_a_batch_that_is_sent_twice_pays_once(sender: Sender) -> None:
    call = sender.call(300)
    assert (await sender.send(call, gas=MOST_GAS))["status"] == "0x1"
    again = await sender.send(call, gas=MOST_GAS)
    assert await sender.got(call) == [payment.value_minor for payment in call.payments]
    assert again["logs"] == [] and await sender.rpc.balance(sender.contract) == 0


@pytest.mark.parametrize("swallows", [True, False])
async def test_a_receiver_that_calls_back_gets_nothing_more(sender: Sender, swallows: bool) -> None:
    call = sender.call(3)
    await sender.set_code(call.payments[1], calls_back(multi_send.call_data(call), swallows=swallows))
    receipt = await sender.send(call)
    values = [payment.value_minor for payment in call.payments]
    assert await sender.got(call) == [values[0], values[1] if swallows else 0, values[2]]
    assert len(receipt["logs"]) == 3


def calls_back(data: bytes, *, swallows: bool) -> str:
    """Code that calls whoever pays it with this data; unless it ``swallows`` that, it fails as that fails."""
    size, at = f"{len(data):04x}", "13" if swallows else "19"
    # CODECOPY(0, at, size) CALL(GAS, CALLER, 0, 0, size, 0, 0); then STOP, or REVERT(0, 0) where it failed.
    calls = f"61{size}60{at}5f39" + f"5f5f61{size}5f5f335af1"
    return "0x" + calls + ("5000" if swallows else "6017575f5ffd5b00") + data.hex()


async def test_too_little_gas_undoes_everything_and_makes_nobody_fail(sender: Sender) -> None:
    call = sender.call(20)
    receipt = await sender.send(call, gas=500_000)
    assert receipt["status"] == "0x0" and set(await sender.got(call)) == {0}


async def test_the_gas_that_is_reckoned_with_is_enough_for_the_worst_receivers(sender: Sender) -> None:
    """With as many as there may be, each burning all it gets, the last one is still paid."""
    call = sender.call(MOST_PAYOUTS)
    for payment in call.payments[:-1]:
        await sender.set_code(payment, BURNS_ALL_GAS)
    receipt = await sender.send(call)
    assert receipt["status"] == "0x1"
    assert (await sender.got(call))[-1] == call.payments[-1].value_minor
    assert int(receipt["gasUsed"], 16) > (MOST_PAYOUTS - 1) * CALL_GAS


@pytest.mark.parametrize("each", [GAS_PER_PAYOUT, 67_000], ids=["as it is", "as it was before, which undid everything"])
async def test_it_is_enough_for_accounts_that_delegate_to_code(sender: Sender, each: int) -> None:
    """Each but the last to burning code of its own that nobody touched before: it is paid for as cold (EIP-7702)."""
    call = sender.call(MOST_PAYOUTS)
    for payment in call.payments[:-1]:
        code = _address()
        await sender.rpc.call("anvil_setCode", code, BURNS_ALL_GAS)
        await sender.set_code(payment, "0xef0100" + code[2:])
    receipt = await sender.send(call, gas=GAS_IN_ALL + MOST_PAYOUTS * each)
    last = (await sender.got(call))[-1]
    if each != GAS_PER_PAYOUT:
        assert (receipt["status"], last) == ("0x0", 0)
        return
    assert (receipt["status"], last) == ("0x1", call.payments[-1].value_minor)
    assert most_gas(MOST_PAYOUTS) - int(receipt["gasUsed"], 16) < MOST_GAS // 20, "more than can be used"


async def test_a_simulation_tells_who_would_fail(sender: Sender) -> None:
    call = sender.call(12)
    for at in (0, 7):
        await sender.set_code(call.payments[at], REVERTS)
    unpaid = await sender.node.unpaid(sender.owner, call, most_gas(12), 2 * GWEI)
    assert unpaid == (call.payments[0].payout, call.payments[7].payout)
