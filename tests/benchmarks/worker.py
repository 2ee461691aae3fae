"""``python -m tests.benchmarks.worker URI DATABASE``: a driver with a ledger of its own; see ``drivers``."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

import structlog
from pymongo import AsyncMongoClient

from tests.benchmarks.load import Load, measure, through
from wallet_core.adapters.mongo.ledger import MongoLedger
from wallet_core.adapters.vault import KeyFileVault


async def _serve(uri: str, database: str) -> None:
    vault = KeyFileVault({"00000001": bytes(32)}, b"mac")
    async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True, w="majority") as client:
        post = through(MongoLedger(client[database], vault.mac))
        while line := await asyncio.to_thread(sys.stdin.readline):
            rate = await measure(post, Load(**json.loads(line)))
            sys.stdout.write(json.dumps(asdict(rate)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    # Answers alone go to standard output.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(_serve(*sys.argv[1:]))
