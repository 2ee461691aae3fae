"""One request over one connection: what is sent, and that half an answer is none."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from wallet_core.adapters.chains.node_server import NO_ANSWER, Answer, NodeServer

HALVES = [
    b"",
    b"HTTP/1.1 200",
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    b"what\r\n\r\n",
]


@asynccontextmanager
async def listening(answer: bytes, *, ends: bool = True) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that says this to everybody, and what it was asked."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        asked.append(head + await reader.readexactly(length))
        writer.write(answer)
        if ends:
            writer.close()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked


@pytest.mark.parametrize("base", ["", "/", "/behind/a/proxy"])
@pytest.mark.parametrize("path", ["", "/wallet/a%20b"])
async def test_a_request_says_who_asks_what(base: str, path: str) -> None:
    said = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    async with listening(said) as (url, asked):
        assert await NodeServer(url + base, "user", "pass:word").post(path, b'{"a": 1}', 5) == Answer(200, b"{}")
    head, _, body = asked[0].decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    assert first == f"POST {base.rstrip('/') + path or '/'} HTTP/1.1"
    assert {"Authorization: Basic dXNlcjpwYXNzOndvcmQ=", "Connection: close", f"Host: {url[7:]}"} <= set(lines)
    assert json.loads(body) == {"a": 1}


async def test_an_answer_may_come_in_any_pieces_and_with_any_status() -> None:
    chunked = b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n"
    async with listening(chunked) as (url, _):
        assert await NodeServer(url, "", "").post("", b"", 5) == Answer(500, b"[]")


async def test_an_answer_that_is_there_is_not_waited_on_although_the_server_stays() -> None:
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", ends=False) as (url, _):
        assert await NodeServer(url, "", "").post("", b"", 30) == Answer(200, b"{}")


@pytest.mark.parametrize("half", HALVES)
async def test_half_an_answer_is_none(half: bytes) -> None:
    async with listening(half) as (url, asked):
        with pytest.raises(NO_ANSWER):
            await NodeServer(url, "", "").post("", b"x", 5)
    assert len(asked) == 1


async def test_who_says_nothing_is_waited_for_so_long_and_no_longer() -> None:
    async with listening(b"", ends=False) as (url, _):
        with pytest.raises(TimeoutError):
            await NodeServer(url, "", "").post("", b"", 0.05)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1", "http://"])
async def test_nobody_there_is_no_answer(url: str) -> None:
    with pytest.raises(NO_ANSWER):
        await NodeServer(url, "", "").post("", b"", 5)
