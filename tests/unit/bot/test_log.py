"""Logs are JSON, one line each, without secrets, whoever writes them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import log

CANARY = "4242:canary-token"


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_lines_are_json_without_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO", (CANARY, ""))
    structlog.get_logger("bot").info(
        "x\ny", address=f"https://api.telegram.org/bot{CANARY}/getMe", nested={"a": CANARY}
    )
    logging.getLogger("some.library").warning("failed %s", CANARY)
    logging.getLogger("httpx").info("GET %s", CANARY)
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        structlog.get_logger("bot").critical("alarm", exc_info=error)
    lines = capsys.readouterr().out.splitlines()
    assert CANARY not in "".join(lines)
    told = [json.loads(line) for line in lines]
    assert [one["event"] for one in told] == ["x\ny", "failed ***", "alarm"]
    assert "ValueError" in told[2]["exception"] and all({"level", "timestamp", "logger"} <= set(one) for one in told)
