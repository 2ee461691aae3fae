"""What is an answer of a node of Bitcoin or Litecoin, what is none, and that amounts are read to the satoshi."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.adapters.chains.bitcoin_like_rpc import BitcoinLikeRpc, RpcError, RpcWallet, minor
from wallet_core.adapters.chains.node_server import Answer, NodeServer
from wallet_core.domain.chain import Broadcast, FeeRates
from wallet_core.domain.errors import InvariantViolated, Unavailable

Answered = Answer | Exception
Handler = Callable[[str, dict[str, Any]], Answered]


class Server(NodeServer):
    """A node that answers as the handler says, by the path and what is asked."""

    def __init__(self, handler: Handler) -> None:
        super().__init__("http://node/", "user", "password")
        self._handler = handler

    async def post(self, path: str, body: bytes, timeout_seconds: float) -> Answer:
        answer = self._handler(path, json.loads(body))
        if isinstance(answer, Exception):
            raise answer
        return answer


def rpc(handler: Handler) -> BitcoinLikeRpc:
    """The RPC of such a node."""
    made = BitcoinLikeRpc("http://node/", "user", "password")
    made._server = Server(handler)
    return made


def node(handler: Handler) -> BitcoinLikeNode:
    made = BitcoinLikeNode("http://node", "user", "password", "w")
    made._rpc = rpc(handler)
    made._wallet = RpcWallet(made._rpc, "w")
    return made


def result(value: str) -> Answer:
    return Answer(200, f'{{"result": {value}, "error": null, "id": 1}}'.encode())


def failed(code: int, message: str, status: int = 500) -> Answer:
    return Answer(status, json.dumps({"result": None, "error": {"code": code, "message": message}, "id": 1}).encode())


NO_ANSWERS: list[Answered] = [
    ConnectionRefusedError("refused"),
    TimeoutError("slow"),
    ConnectionResetError("cut off"),
    h11.RemoteProtocolError("closed"),
    Answer(401, b""),
    Answer(403, b"<html>"),
    Answer(503, b"Work queue depth exceeded"),
    Answer(200, b""),
    Answer(200, b"[]"),
    Answer(200, b'{"result": 1}'),
    Answer(500, b'{"error": "odd"}'),
    failed(-28, "Loading block index…"),
]


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
async def test_what_is_no_answer_says_nothing(answer: Answered) -> None:
    with pytest.raises(Unavailable):
        await rpc(lambda *_: answer).call("getblockcount")


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
async def test_a_broadcast_without_an_answer_is_unknown_and_is_not_repeated(answer: Answered) -> None:
    seen: list[str] = []

    def handle(_path: str, asked: dict[str, Any]) -> Answered:
        seen.append(asked["method"])
        return answer

    assert await node(handle).broadcast(b"\x02") is Broadcast.UNKNOWN
    assert seen == ["sendrawtransaction"]


@pytest.mark.parametrize("status", [404, 500])
async def test_an_error_keeps_the_nodes_code_and_words(status: int) -> None:
    with pytest.raises(RpcError) as raised:
        await rpc(lambda *_: failed(-5, "No such transaction", status)).call("gettransaction")
    assert (raised.value.code, raised.value.message) == (-5, "No such transaction")
    with pytest.raises(Unavailable, match="No such transaction"):
        await rpc(lambda *_: failed(-5, "No such transaction", status)).ask("gettransaction")


@pytest.mark.parametrize(
    ("code", "message", "outcome"),
    [
        (-27, "Transaction already in block chain", Broadcast.KNOWN),
        (-27, "Transaction outputs already in utxo set", Broadcast.KNOWN),
        (-26, "txn-already-in-mempool", Broadcast.KNOWN),
        (-26, "txn-already-known", Broadcast.KNOWN),
        (-25, "bad-txns-inputs-missingorspent", Broadcast.UNKNOWN),
        (-26, "txn-mempool-conflict", Broadcast.UNKNOWN),
        (-26, "min relay fee not met", Broadcast.UNKNOWN),
        (-22, "TX decode failed", Broadcast.UNKNOWN),
    ],
)
async def test_only_what_the_node_has_is_known(code: int, message: str, outcome: Broadcast) -> None:
    assert await node(lambda *_: failed(code, message)).broadcast(b"\x02") is outcome


async def test_a_request_names_wallet_and_user_and_no_fee_limit_of_the_node() -> None:
    seen: list[tuple[str, dict[str, Any]]] = []

    def handle(path: str, asked: dict[str, Any]) -> Answer:
        seen.append((path, asked))
        return result("[]")

    made = rpc(handle)
    await RpcWallet(made, "a wallet/of ours").call("listunspent", 0)
    assert seen[0][0] == "/wallet/a%20wallet%2Fof%20ours"
    await node(handle).broadcast(b"\x02\x00")
    assert seen[1][1]["params"] == ["0200", 0]


async def test_a_wallet_that_is_not_loaded_is_loaded_once_and_asked_again() -> None:
    loaded: list[Any] = []

    def handle(_path: str, asked: dict[str, Any]) -> Answer:
        match asked["method"]:
            case "listwallets":
                return result("[]")
            case "loadwallet":
                loaded.append(asked["params"])
                return result('{"name": "w", "warning": ""}')
        return result("7") if loaded else failed(-18, "Requested wallet does not exist or is not loaded")

    assert await RpcWallet(rpc(handle), "w").call("getwalletinfo") == 7
    assert loaded == [["w", True]]


async def test_amounts_are_never_floats() -> None:
    value = await rpc(lambda *_: result("0.10000001")).call("getbalance")
    assert isinstance(value, Decimal)
    assert minor(value) == 10_000_001


@given(st.integers(0, 21_000_000 * 10**8))
def test_coins_are_whole_satoshi(satoshi: int) -> None:
    assert minor(Decimal(f"{satoshi // 10**8}.{satoshi % 10**8:08}")) == satoshi


def test_a_part_of_a_satoshi_must_never_be() -> None:
    with pytest.raises(InvariantViolated):
        minor(Decimal("0.000000001"))


@pytest.mark.parametrize(
    ("estimate", "pool", "relay", "rates"),
    [
        ('{"feerate": 0.00012345, "blocks": 6}', "0.00001000", "0.00001000", FeeRates(13, 1, 1)),
        ('{"feerate": 0.00001000, "blocks": 6}', "0.00001001", "0.00001000", FeeRates(1, 2, 1)),
        ('{"errors": ["Insufficient data"], "blocks": 6}', "0.00000100", "0.00005000", FeeRates(None, 1, 5)),
    ],
)
async def test_fee_rates_are_rounded_up_to_whole_satoshi(estimate: str, pool: str, relay: str, rates: FeeRates) -> None:
    answers = {
        "estimatesmartfee": estimate,
        "getmempoolinfo": f'{{"mempoolminfee": {pool}, "minrelaytxfee": 0.00000100}}',
        "getnetworkinfo": f'{{"incrementalfee": {relay}}}',
    }
    assert await node(lambda _, asked: result(answers[asked["method"]])).fee_rates() == rates
