"""Mass sends on the real MongoDB: enough for all or for none, each line once, the rest comes back."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from payout_worker.mass.mass_piece import pay_piece
from payout_worker.mass.mass_ports import MassPorts
from tests.support.mass import MassWorker, lines
from tests.support.wallet import ITD, Wallet, open_wallet
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import AlreadyDone, Reason, Refused, Unavailable
from wallet_core.domain.hold import Hold, HoldState
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.mass_row import MassRow
from wallet_core.domain.mass_send import MassSend, MassState
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Caller, Role
from wallet_core.use_cases.start_mass_send import start_mass_send
from wallet_core.use_cases.stop_mass_send import stop_mass_send
from wallet_core.use_cases.upload_mass_send import upload_mass_send

CENT = ITD // 100


@pytest.fixture
async def payer(wallet: Wallet) -> Caller:
    return await wallet.person(900, role=Role.FINANCE)


async def people_of(wallet: Wallet, count: int) -> list[Caller]:
    return [await wallet.person() for _ in range(count)]


def to_people(people: Sequence[Caller], count: int, minor: int = CENT) -> tuple[FileRow, ...]:
    return lines(*((str(people[n % len(people)].person), "ITD", minor + n) for n in range(count)))


async def begin(wallet: Wallet, payer: Caller, rows: Sequence[FileRow]) -> MassSend:
    send = await upload_mass_send(wallet.ports, payer, "pay.csv", rows)
    return await start_mass_send(wallet.ports, payer, send.id, await wallet.code(payer))


async def now(wallet: Wallet, send: MassSend) -> MassSend:
    found = await wallet.ports.store.get(MassSend, send.id)
    assert found is not None
    return found


async def paid(wallet: Wallet, people: Sequence[Caller]) -> list[int]:
    return [(await wallet.balance(person))[0] for person in people]


async def some_are_paid(wallet: Wallet, send: MassSend) -> None:
    for _ in range(6_000):
        if (await now(wallet, send)).paid:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nobody was paid")


def wanted(rows: Sequence[FileRow], people: Sequence[Caller]) -> list[int]:
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row.recipient] += row.amount_minor
    return [sums[str(person.person)] for person in people]


async def test_everybody_is_paid_and_nothing_stays_held(wallet: Wallet, payer: Caller, tmp_path: Path) -> None:
    people = await people_of(wallet, 3)
    rows = to_people(people, 2_500)
    send = await begin(wallet, payer, rows)
    await MassWorker(wallet.ports, tmp_path).look()
    assert await paid(wallet, people) == wanted(rows, people)
    assert await wallet.balance(payer) == (900 * ITD - sum(wanted(rows, people)), 0)
    assert ((await now(wallet, send)).state, (await now(wallet, send)).paid) == (MassState.DONE, 2_500)
    hold = await wallet.ports.store.get(Hold, send.id)
    assert hold is not None and hold.state is HoldState.SETTLED
    assert await wallet.ports.store.count(OutboxMessage, {"template": "received"}) == 2_500


async def test_another_worker_that_takes_over_in_the_middle_pays_no_line_again(
    wallet: Wallet, payer: Caller, mongo_uri: str, database_name: str, tmp_path: Path
) -> None:
    people = await people_of(wallet, 3)
    rows = to_people(people, 4_000)
    send = await begin(wallet, payer, rows)
    first, lost = MassWorker(wallet.ports, tmp_path / "one", "one"), None
    async with open_wallet(mongo_uri, database_name) as other:
        second = MassWorker(other.ports, tmp_path / "two", "two", lease_seconds=0)
        running = asyncio.create_task(first.look())
        await some_are_paid(wallet, send)
        await second.look()
        try:
            await running
        except Exception as error:
            lost = error
    # Or it finds all of its piece paid, and nothing left to do.
    assert lost is None or type(lost).__name__ == "LeaseLostError"
    assert await paid(wallet, people) == wanted(rows, people)
    assert (await now(wallet, send)).paid == 4_000


async def test_two_files_that_one_balance_does_not_cover_both_are_not_both_begun(wallet: Wallet, payer: Caller) -> None:
    people = await people_of(wallet, 1)
    sends = [
        await upload_mass_send(wallet.ports, payer, "pay.csv", to_people(people, 1, 460 * ITD + n)) for n in range(2)
    ]
    codes = [await wallet.code(payer), await wallet.code(payer)]
    starts = (start_mass_send(wallet.ports, payer, send.id, code) for send, code in zip(sends, codes, strict=True))
    outcomes = await asyncio.gather(*starts, return_exceptions=True)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [one.reason for one in refused] in ([Reason.INSUFFICIENT_FUNDS], [Reason.CODE_USED])
    assert (await wallet.balance(payer))[1] in (460 * ITD, 460 * ITD + 1)


async def test_one_file_uploaded_in_two_chats_at_once_is_one_mass_send(
    wallet: Wallet, payer: Caller, mongo_uri: str, database_name: str
) -> None:
    rows = to_people(await people_of(wallet, 2), 1_200)
    async with open_wallet(mongo_uri, database_name) as other:
        both = (upload_mass_send(process.ports, payer, "pay.csv", rows) for process in (wallet, other))
        outcomes = await asyncio.gather(*both, return_exceptions=True)
    won = [outcome for outcome in outcomes if isinstance(outcome, MassSend)]
    again = [outcome for outcome in outcomes if isinstance(outcome, AlreadyDone)]
    assert (len(won), len(again)) == (1, 1) and again[0].result.id == won[0].id


async def test_a_stop_in_the_middle_holds_the_rest_and_pays_what_was_begun(
    wallet: Wallet, payer: Caller, tmp_path: Path
) -> None:
    people = await people_of(wallet, 2)
    rows = to_people(people, 6_000)
    send = await begin(wallet, payer, rows)
    running = asyncio.create_task(MassWorker(wallet.ports, tmp_path).look())
    await some_are_paid(wallet, send)
    await stop_mass_send(wallet.ports, payer, send.id)
    await running
    stopped = await now(wallet, send)
    assert stopped.state is MassState.STOPPED and 0 < stopped.paid < 6_000
    assert sum(await paid(wallet, people)) == stopped.paid_minor
    assert (await wallet.balance(payer))[1] == stopped.total_minor - stopped.paid_minor


class _Asked:
    """Counts what is asked of a port."""

    def __init__(self, behind: Any) -> None:
        self._behind = behind
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        self.calls[name] += 1
        return getattr(self._behind, name)


async def test_a_thousand_lines_ask_the_database_no_more_than_ten(
    wallet: Wallet, payer: Caller, tmp_path: Path
) -> None:
    people, addresses = await people_of(wallet, 10), wallet.ports.addresses[Asset.BTC]
    await wallet.open_payouts(Asset.BTC)
    worker, asked = MassWorker(wallet.ports, tmp_path), []
    for count in (5, 500):
        elsewhere = ((addresses.deposit(1_000 + n), "BTC", 1_000 + n) for n in range(count))
        rows = lines(*((str(people[n % 10].person), "ITD", CENT + n) for n in range(count)), *elsewhere)
        send = await begin(wallet, payer, rows)
        store, ledger = _Asked(wallet.ports.store), _Asked(wallet.ports.ledger)
        asks: Any = replace(wallet.ports, store=store, ledger=ledger)
        assert await pay_piece(MassPorts.of(asks), await worker.tenure(), send)
        assert (await now(wallet, send)).paid == (await now(wallet, send)).queued == count
        asked.append((store.calls, ledger.calls))
    assert asked[0] == asked[1]


async def test_lines_that_are_refused_are_written_down_together(wallet: Wallet, payer: Caller, tmp_path: Path) -> None:
    (ben,) = await people_of(wallet, 1)
    rows = lines(*((str(ben.person), "ITD", ITD + n) for n in range(100)))
    send = await begin(wallet, payer, rows)
    await MassWorker(wallet.ports, tmp_path).look()
    ended = await now(wallet, send)
    # Of whole ITD somebody of the first level receives 50 times a day.
    assert (ended.state, ended.paid, ended.refused) == (MassState.DONE, 50, 50)
    refused = await wallet.ports.store.count(MassRow, {"mass_send": send.id, "reason": Reason.RECIPIENT_LIMIT})
    assert refused == 50
    assert (await wallet.balance(payer))[1] == 0


async def test_a_database_that_goes_away_in_the_middle_loses_nothing(
    wallet: Wallet, payer: Caller, tmp_path: Path
) -> None:
    people = await people_of(wallet, 2)
    rows = to_people(people, 1_500)
    send = await begin(wallet, payer, rows)
    post_many = wallet.ports.ledger.post_many

    class Away:
        """Posts half of what it is given, and does not answer."""

        def __getattr__(self, name: str) -> Any:
            return getattr(wallet.ports.ledger, name)

        async def post_many(self, postings: Any) -> list[Any]:
            await post_many(postings[: len(postings) // 2])
            raise Unavailable("no answer")

    worker = MassWorker(wallet.ports, tmp_path)
    with pytest.raises(Unavailable):
        await worker.over(ledger=Away()).look()
    assert (await now(wallet, send)).paid == 500
    await worker.over(ledger=wallet.ports.ledger).look()
    assert await paid(wallet, people) == wanted(rows, people)
