"""What is an answer of a node of Bitcoin or Litecoin, what is none, and that amounts are read to the satoshi."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wallet_core.adapters.chains.bitcoin_like_node import BitcoinLikeNode
from wallet_core.adapters.chains.bitcoin_like_rpc import BitcoinLikeRpc, RpcError, RpcWallet, minor
from wallet_core.domain.chain import Broadcast, FeeRates
from wallet_core.domain.errors import InvariantViolated, Unavailable

Answer = httpx.Response | Exception
Handler = Callable[[httpx.Request], Answer]


def rpc(handler: Handler) -> BitcoinLikeRpc:
    """The RPC of a node that answers as the handler says."""

    def handle(request: httpx.Request) -> httpx.Response:
        answer = handler(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    made = BitcoinLikeRpc("http://node/", "user", "password")
    made._http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    return made


def node(handler: Handler) -> BitcoinLikeNode:
    made = BitcoinLikeNode("http://node", "user", "password", "w")
    made._rpc = rpc(handler)
    made._wallet = RpcWallet(made._rpc, "w")
    return made


def result(value: str) -> httpx.Response:
    return httpx.Response(200, text=f'{{"result": {value}, "error": null, "id": 1}}')


def failed(code: int, message: str, status: int = 500) -> httpx.Response:
    return httpx.Response(status, json={"result": None, "error": {"code": code, "message": message}, "id": 1})


NO_ANSWERS: list[Answer] = [
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    httpx.ReadError("cut off"),
    httpx.RemoteProtocolError("closed"),
    httpx.Response(401),
    httpx.Response(403, text="<html>"),
    httpx.Response(503, text="Work queue depth exceeded"),
    httpx.Response(200, text=""),
    httpx.Response(200, json=[]),
    httpx.Response(200, json={"result": 1}),
    httpx.Response(500, json={"error": "odd"}),
    failed(-28, "Loading block index…"),
]


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
async def test_what_is_no_answer_says_nothing(answer: Answer) -> None:
    with pytest.raises(Unavailable):
        await rpc(lambda _: answer).call("getblockcount")


@pytest.mark.parametrize("answer", NO_ANSWERS, ids=repr)
async def test_a_broadcast_without_an_answer_is_unknown_and_is_not_repeated(answer: Answer) -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> Answer:
        seen.append(json.loads(request.content)["method"])
        return answer

    assert await node(handle).broadcast(b"\x02") is Broadcast.UNKNOWN
    assert seen == ["sendrawtransaction"]


@pytest.mark.parametrize("status", [404, 500])
async def test_an_error_keeps_the_nodes_code_and_words(status: int) -> None:
    with pytest.raises(RpcError) as raised:
        await rpc(lambda _: failed(-5, "No such transaction", status)).call("gettransaction")
    assert (raised.value.code, raised.value.message) == (-5, "No such transaction")
    with pytest.raises(Unavailable, match="No such transaction"):
        await rpc(lambda _: failed(-5, "No such transaction", status)).ask("gettransaction")


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
    assert await node(lambda _: failed(code, message)).broadcast(b"\x02") is outcome


async def test_a_request_names_wallet_and_user_and_no_fee_limit_of_the_node() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> Answer:
        seen.append(request)
        return result("[]")

    made = rpc(handle)
    await RpcWallet(made, "a wallet/of ours").call("listunspent", 0)
    assert str(seen[0].url) == "http://node/wallet/a%20wallet%2Fof%20ours"
    await node(handle).broadcast(b"\x02\x00")
    assert json.loads(seen[1].content)["params"] == ["0200", 0]


async def test_a_wallet_that_is_not_loaded_is_loaded_once_and_asked_again() -> None:
    loaded: list[Any] = []

    def handle(request: httpx.Request) -> Answer:
        asked = json.loads(request.content)
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
    value = await rpc(lambda _: result("0.10000001")).call("getbalance")
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
    assert await node(lambda request: result(answers[json.loads(request.content)["method"]])).fee_rates() == rates
