"""What a node says of balances, and that silence is never taken for zero."""

import json
from typing import Any

import httpx
import pytest

from tests.unit.wallet_core.world import ADDRESS, ETH
from wallet_core.adapters.chains.ethereum_balances import EthereumBalances
from wallet_core.domain.errors import Unavailable


def node(answer: Any, seen: list[dict[str, Any]] | None = None) -> EthereumBalances:
    """A node that gives this answer to everything."""

    def handle(request: httpx.Request) -> httpx.Response:
        if seen is not None:
            seen.append(json.loads(request.content))
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    return EthereumBalances("http://node", httpx.AsyncClient(transport=httpx.MockTransport(handle)))


async def test_a_balance_is_asked_for_at_the_head_and_read_as_wei() -> None:
    seen: list[dict[str, Any]] = []
    assert await node({"jsonrpc": "2.0", "id": 1, "result": hex(3 * ETH)}, seen).balance_minor(ADDRESS) == 3 * ETH
    assert (seen[0]["method"], seen[0]["params"]) == ("eth_getBalance", [ADDRESS, "latest"])


async def test_the_chain_id_is_a_number() -> None:
    assert await node({"result": "0x7a69"}).chain_id() == 31337


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        {"error": {"code": -32000, "message": "header not found"}},
    ],
    ids=str,
)
async def test_a_node_that_does_not_answer_says_nothing_of_a_balance(answer: Any) -> None:
    with pytest.raises(Unavailable):
        await node(answer).balance_minor(ADDRESS)
