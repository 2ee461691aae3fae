"""``wallet verify`` on the real MongoDB: what was cut off, what is kept of sums, the command, and the time it takes."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.support.books import Books, named
from tests.support.sealing import documents, seal_all
from tests.support.wallet import PUBLIC
from wallet_core import cli
from wallet_core.adapters.mongo.codec import decode
from wallet_core.domain.accounts import available
from wallet_core.domain.errors import Unavailable
from wallet_core.domain.journal import GroupRecord
from wallet_core.domain.kyc import day_of
from wallet_core.use_cases.verify_books import verify_books

# Truncation


async def test_a_truncated_chain_is_found_by_a_head_that_was_kept_elsewhere(books: Books) -> None:
    early, dump = await seal_all(books.wallet), await books.dump()
    await books.send("send:last", 7)
    late = await seal_all(books.wallet)
    assert await books.gaps(given=early) == await books.gaps(given=late) == []
    await books.restore(dump)
    assert await books.gaps() == await books.gaps(given=early) == []
    (gap,) = await books.gaps(given=late)
    assert f"the chain was truncated: it has {early.length} seals, and had {late.length}" in gap


async def test_a_chain_that_went_on_after_it_was_truncated_is_found_by_the_head(books: Books) -> None:
    dump = await books.dump()
    late = await seal_all(books.wallet)
    await books.restore(dump)
    books.wallet.ports.ledger.groups.forget_writer()  # type: ignore[attr-defined]  # inside the real one
    await books.send("send:other")
    await seal_all(books.wallet)
    assert named(await books.gaps(given=late), f"seal {late.length}: it is not the one that the head names")


# What is kept of the sums


async def test_a_changed_balance_is_named(books: Books) -> None:
    account = available(books.anna.person).id
    await books.set("accounts", account, balance_minor=999)
    assert named(await books.gaps(), f"{account}: the balance is 0.000999, its entries make")


async def test_a_changed_limit_counter_is_named(books: Books) -> None:
    person = books.anna.person
    day = day_of(await books.wallet.ports.store.now())
    await books.set("guards", person, **{f"limits.{day}.send.count": 1})
    assert await books.gaps() == [
        f"person {person}: the counters of daily limits in guards are not what the records took"
    ]


async def test_a_limit_that_was_moved_to_another_day_is_named(books: Books) -> None:
    (guards,) = await documents(books.wallet, "guards", _id=books.anna.person)
    ((_, operations),) = guards["limits"].items()
    await books.set("guards", books.anna.person, limits={"2020-01-01": decode(operations)})
    assert named(await books.gaps(), f"person {books.anna.person}: the counters")


async def test_a_hold_without_a_withdrawal_is_named(books: Books) -> None:
    await books.wallet.database["withdrawals"].delete_many({})
    assert named(await books.gaps(), "5500000 is held, 0 is promised")


async def test_coins_that_left_the_hot_wallet_unbooked_are_named(books: Books) -> None:
    assert named(await books.gaps(wei=10**18), "ETH:hot")
    assert named(await books.gaps(wei=3 * 10**18), "ETH:hot")


# The command


@pytest.fixture
def _environment(mongo_uri: str, database_name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mac.key").write_text(b"mac".hex())
    (tmp_path / "public.json").write_text(json.dumps(PUBLIC))
    for name, value in {
        "MONGODB_URI": mongo_uri,
        "MONGODB_DATABASE": database_name,
        "WALLET_KEYS_DIR": str(tmp_path),
        "ETH_RPC_URL": "",
    }.items():
        monkeypatch.setenv(name, value)


async def _run(*arguments: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, cli.app, list(arguments))


@pytest.mark.usefixtures("_environment")
async def test_the_command_prints_the_head_and_proves_by_it_what_was_cut_off(books: Books, tmp_path: Path) -> None:
    dump = await books.dump()
    await seal_all(books.wallet)
    head = await _run("head", "--json")
    file = tmp_path / "head.json"
    file.write_text(head.output)
    assert json.loads(head.output)["length"] == 5
    well = await _run("verify", "--head", str(file), "--json")
    figures = json.loads(well.output)
    assert (well.exit_code, figures["gaps"], figures["tail"]) == (0, [], 0)
    assert figures["sealed"] == figures["records"] and figures["head"] == json.loads(head.output)
    assert {"accounts", "chains", "tail_seconds"} <= figures.keys()
    await books.restore(dump)
    ill = await _run("verify", "--head", str(file))
    assert ill.exit_code == 1 and "the chain was truncated: it has 4 seals, and had 5" in ill.output
    assert (await _run("verify")).exit_code == 0


@pytest.mark.usefixtures("_environment", "books")
async def test_a_file_that_is_no_head_is_refused(tmp_path: Path) -> None:
    (tmp_path / "head.json").write_text("{}}")
    result = await _run("verify", "--head", str(tmp_path / "head.json"))
    said = " ".join(re.sub(r"[^\w\s]", " ", result.output).split())
    assert result.exit_code == 2 and "is not the head of a chain of seals" in said


# Time


async def test_a_journal_that_takes_longer_than_a_snapshot_is_kept_says_which_setting_to_raise(books: Books) -> None:
    admin, name = books.wallet.database.client.admin, "minSnapshotHistoryWindowInSeconds"
    before = (await admin.command("getParameter", 1, **{name: 1}))[name]
    try:
        await admin.command("setParameter", 1, **{name: 0})
        async with books.wallet.ports.store.snapshot() as frozen:
            await frozen.count(GroupRecord, {})
            with pytest.raises(Unavailable, match=name):
                for number in range(200):
                    if number < 8:
                        await books.send(f"meanwhile:{number}")
                    await frozen.count(GroupRecord, {})
                    await asyncio.sleep(0.05)
    finally:
        await admin.command("setParameter", 1, **{name: before})


async def test_books_that_move_on_while_they_are_verified_are_read_as_they_were(books: Books) -> None:
    async def move() -> None:
        for number in range(5):
            await books.send(f"meanwhile:{number}", itd=2)
            await seal_all(books.wallet)

    found, _ = await asyncio.gather(verify_books(books.wallet.ports, {}), move())
    assert found.gaps == []
