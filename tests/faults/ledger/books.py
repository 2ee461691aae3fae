"""The ledger on the real MongoDB beside its model: whatever is posted, and however it is interrupted, they agree."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.uri_parser import parse_uri

from tests.faults.ledger.model import Answer, Model, answer_of, same_content
from tests.faults.ledger.samples import PEOPLE, Postings
from tests.faults.ledger.stored import Database, open_transactions, stored_balances, stored_journal, wrong_in_journal
from tests.faults.ledger.wire import Moment, Wire, wired
from tests.support.databases import Databases
from tests.support.wallet import Wallet, open_wallet
from wallet_core.domain.accounts import available, held
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.guards import ChangeGuards, unless_frozen
from wallet_core.domain.ledger import Posting, Receipt
from wallet_core.domain.movements import withdrawal_voided
from wallet_core.use_cases.verify_books import verify_books

COMMIT = "commitTransaction"
#: Nothing here takes a second on an idle machine.
_PATIENCE_SECONDS = 60
#: For so long somebody else's transaction is in the way.
_IN_THE_WAY_SECONDS = 0.2


@dataclass
class Books:
    """Two ledgers on one database, as two processes have them, and what both must say."""

    uri: str
    database: Database
    wallets: tuple[Wallet, Wallet]
    model: Model = field(default_factory=Model)
    postings: Postings = field(default_factory=Postings)
    answers: Counter[Answer] = field(default_factory=Counter)
    _first_results: dict[str, Receipt] = field(default_factory=dict)

    async def post(self, *postings: Posting, through: int = 0, first_or_replay: bool = False) -> None:
        """Posts all at once through one ledger, which decides them in their order."""
        ledger = self.wallets[through].ports.ledger
        outcomes = await asyncio.gather(*(ledger.post(posting) for posting in postings), return_exceptions=True)
        self._expect(postings, outcomes, first_or_replay=first_or_replay)

    async def post_many(self, postings: Sequence[Posting], through: int = 0) -> None:
        """The same as a mass movement."""
        self._expect(postings, await self.wallets[through].ports.ledger.post_many(postings))

    async def share(self, postings: Sequence[Posting], chance: Random) -> None:
        """Posts all at once through both ledgers, some through each and some through both; the order is theirs."""
        sent = [(posting, through) for posting in postings for through in chance.choice(((0,), (1,), (0, 1)))]
        posts = (self.wallets[through].ports.ledger.post(posting) for posting, through in sent)
        self._accept([posting for posting, _ in sent], await asyncio.gather(*posts, return_exceptions=True))

    async def post_past(self, person: int, postings: Sequence[Posting]) -> None:
        """Posts all at once while somebody else's transaction, who may have died, has one person's money locked."""
        async with self.database.client.start_session() as stranger:
            await stranger.start_transaction()
            touched = {"$set": {"touched": True}}
            await self.database["accounts"].update_one({"_id": available(person).id}, touched, session=stranger)
            ledger = self.wallets[0].ports.ledger
            posts = [asyncio.create_task(ledger.post(posting)) for posting in postings]
            await asyncio.sleep(_IN_THE_WAY_SECONDS)
            await stranger.abort_transaction()
            self._accept(postings, await asyncio.gather(*posts, return_exceptions=True))

    def _accept(self, postings: Sequence[Posting], outcomes: Sequence[Any]) -> None:
        """Brings the model in line with outcomes in an order that only the ledger knows, as far as they can be right.

        A sum does not depend on the order; that nobody was below zero in between is seen in the journal's order.
        """
        answers = [answer_of(outcome) for outcome in outcomes]
        for posting, answer, outcome in zip(postings, answers, outcomes, strict=True):
            assert answer is not Answer.WRONG, f"{posting.key}: {outcome!r}"
            self.answers[answer] += 1
            if answer is Answer.ACCEPTED:
                assert posting.key not in self.model.posted, f"{posting.key} was accepted twice"
                self.model.force(posting)
            if isinstance(outcome, Receipt):
                self._remember(outcome)
        for posting, answer in zip(postings, answers, strict=True):
            if answer in (Answer.REPLAYED, Answer.CLASHED):
                same = same_content(posting, self.model.posted[posting.key])
                assert same is (answer is Answer.REPLAYED), f"{posting.key} cannot be {answer}"

    async def crash(self, postings: Sequence[Posting], command: str, moment: Moment) -> bool:
        """A process dies at a command of its group; what it left undone, or did unheard, is posted again."""
        async with (
            wired(self._port, command, moment, for_good=True) as wire,
            open_wallet(wire.uri, self.database.name) as doomed,
        ):
            posts = await _until_cut(doomed, postings, wire)
        for post in posts:
            post.cancel()
        outcomes = await asyncio.gather(*posts, return_exceptions=True)
        if not wire.cut.is_set():
            self._expect(postings, outcomes)
            return False
        assert not any(isinstance(outcome, Receipt) for outcome in outcomes), f"an answer from the grave: {outcomes}"
        await open_transactions(self.database, end=True)
        await self._learn(postings, command, moment)
        await self.post(*postings)
        return True

    async def _learn(self, postings: Sequence[Posting], command: str, moment: Moment) -> None:
        """Brings the model in line with what became of an interrupted group, which is all or nothing."""
        after = copy.deepcopy(self.model)
        accepted = {posting.key for posting in postings if after.post(posting) is Answer.ACCEPTED}
        keys = {posting.key for posting in postings} - self.model.posted.keys()
        done = set(await stored_journal(self.database, keys))
        possible: list[set[str]] = [set()] if command != COMMIT or moment is Moment.BEFORE else [accepted]
        if command == COMMIT and moment is Moment.DURING:
            possible.append(set())
        assert done in possible, f"{len(done)} of a group of {len(accepted)} were committed, cut {moment} {command}"
        if done:
            self.model = after

    async def interrupt(self, postings: Sequence[Posting], command: str, moment: Moment) -> bool:
        """The connection of a process breaks at a command of its group; it lives and must find out by itself."""
        async with (
            wired(self._port, command, moment, for_good=False) as wire,
            open_wallet(wire.uri, self.database.name) as wallet,
        ):
            outcomes = await asyncio.gather(*await _until_cut(wallet, postings, wire), return_exceptions=True)
        self._expect(postings, outcomes, first_or_replay=wire.cut.is_set())
        return wire.cut.is_set()

    async def cross_freezes(self) -> None:
        """Two processes freeze two people, each unless the other one is frozen: exactly one of them can."""
        anna, ben = (int(self.postings.of("test").key.partition(":")[2]) + 1_000 for _ in range(2))
        await self.post(self.postings.of("known", changes=(_frozen(anna, False), _frozen(ben, False))))
        rivals = [
            # As the journal tells of a freeze, since verify compares its last word with the guards.
            replace(
                self.postings.of("person_frozen", changes=(unless_frozen(other), _frozen(person, True))),
                people=(person,),
            )
            for person, other in ((anna, ben), (ben, anna))
        ]
        posts = (wallet.ports.ledger.post(posting) for wallet, posting in zip(self.wallets, rivals, strict=True))
        outcomes = await asyncio.gather(*posts, return_exceptions=True)
        frozen = [p for p, outcome in zip(rivals, outcomes, strict=True) if isinstance(outcome, Receipt)]
        refused = [o for o in outcomes if isinstance(o, Refused) and o.reason is Reason.FROZEN]
        assert (len(frozen), len(refused)) == (1, 1), f"both froze the other, or none: {outcomes}"
        self.model.force(frozen[0])

    async def check(self) -> None:
        """The balances are the model's, each asset's debits are its credits, and nobody is below zero."""
        stored, wanted = await stored_balances(self.database), self.model.balances()
        gaps = {a: (stored.get(a, 0), wanted.get(a, 0)) for a in stored.keys() | wanted.keys()}
        gaps = {account: both for account, both in gaps.items() if both[0] != both[1]}
        assert not gaps, f"stored and wanted: {gaps}"

    async def check_journal(self) -> None:
        """Every key is there once with what it stood for, and every message was left once."""
        there = await stored_journal(self.database)
        odd = sorted(there.keys() ^ self.model.posted.keys())
        assert not odd, f"the journal is not what was accepted: {odd}"
        for key, record in there.items():
            entries = [(e.account.id, e.side.value, e.amount_minor) for e in self.model.posted[key].entries]
            assert [(e["account"], e["side"], e["amount_minor"]) for e in record["entries"]] == entries, key
        assert (wrong := wrong_in_journal(there.values())) == [], wrong
        told = sum(len(posting.messages) for posting in self.model.posted.values())
        assert await self.database["outbox"].count_documents({}) == told

    async def close(self) -> None:
        """Gives back what is held, since no withdrawal stands for it here, and lets the product verify the books."""
        for person in PEOPLE:
            if owed_minor := self.model.owed(held(person)):
                await self.post(self.postings.of("withdrawal_voided", withdrawal_voided(person, owed_minor)))
        await self.check()
        await self.check_journal()
        assert (gaps := (await verify_books(self.wallets[0].ports, {})).gaps) == [], gaps

    def mixed(self, chance: Random, most: int) -> list[Posting]:
        """Covered and uncovered movements, keys of long ago and of this very group, with the same and other content."""
        mixed: list[Posting] = []
        for _ in range(chance.randint(1, most)):
            kind = chance.random()
            posting = self.postings.movement(chance) if kind < 0.8 else self.uncovered(chance)
            if kind > 0.85:
                again = chance.sample(mixed, min(1, len(mixed))) or self.earlier(chance)
                posting = again[0] if again else posting
            if kind > 0.95:
                posting = self.postings.with_other_content(chance, posting)
            mixed.append(posting)
        return mixed

    def uncovered(self, chance: Random) -> Posting:
        """More than somebody has."""
        return self.postings.uncovered(chance, self.model.owed)

    def earlier(self, chance: Random) -> list[Posting]:
        """A posting that was accepted some time ago; none where none was."""
        posted = list(self.model.posted.values())
        return [chance.choice(posted)] if posted else []

    def _expect(self, postings: Sequence[Posting], outcomes: Sequence[Any], *, first_or_replay: bool = False) -> None:
        """The outcomes must be the model's; whoever lost its first answer may hear of a replay instead."""
        for posting, outcome in zip(postings, outcomes, strict=True):
            wanted, answer = self.model.post(posting), answer_of(outcome)
            if first_or_replay and wanted is Answer.ACCEPTED and answer is Answer.REPLAYED:
                answer = wanted
            assert answer is wanted, f"{posting.key} must be {wanted}, but is {answer}: {outcome!r}"
            self.answers[answer] += 1
            if isinstance(outcome, Receipt):
                self._remember(outcome)

    def _remember(self, receipt: Receipt) -> None:
        """A key has one result for ever."""
        first = self._first_results.setdefault(receipt.key, receipt)
        assert (receipt.at, receipt.facts) == (first.at, first.facts), f"{receipt.key} has another result now"

    @property
    def _port(self) -> int:
        return int(parse_uri(self.uri)["nodelist"][0][1])


def _frozen(person: int, frozen: bool) -> ChangeGuards:
    return ChangeGuards(person, lambda guards, now: guards.with_(frozen_at=now if frozen else None))


async def _until_cut(wallet: Wallet, postings: Sequence[Posting], wire: Wire) -> list[asyncio.Task[Receipt]]:
    """Posts all at once, and returns when the wire is cut or everything was answered."""
    wire.armed = True
    posts = [asyncio.create_task(wallet.ports.ledger.post(posting)) for posting in postings]
    cut = asyncio.create_task(wire.cut.wait())
    answered = asyncio.create_task(asyncio.wait(posts))
    await asyncio.wait((cut, answered), timeout=_PATIENCE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    cut.cancel()
    return posts


@asynccontextmanager
async def opened_books(uri: str, database_name: str) -> AsyncIterator[Books]:
    """Empty books in a database that is new."""
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(AsyncMongoClient[dict[str, Any]](uri, tz_aware=True))
        wallets = [await stack.enter_async_context(open_wallet(uri, database_name)) for _ in range(2)]
        yield Books(uri, client[database_name], (wallets[0], wallets[1]))


@asynccontextmanager
async def books_of(uri: str, databases: Databases) -> AsyncIterator[Books]:
    """Empty books in one of these databases."""
    async with AsyncMongoClient[dict[str, Any]](uri, tz_aware=True) as client:
        name = await databases.take(client)
        async with opened_books(uri, name) as books:
            yield books
        databases.give_back(name)
