"""Numbered transfers that every process makes alike, and what must have become of them in the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from random import Random

from tests.faults.ledger.model import Model
from tests.faults.ledger.stored import Database, stored_balances, stored_journal, wrong_in_journal
from tests.support.wallet import Wallet
from wallet_core.domain.accounts import Account, available
from wallet_core.domain.ledger import Posting, credit, debit
from wallet_core.domain.money import Asset
from wallet_core.domain.movements import sent
from wallet_core.use_cases.verify_books import verify_books

#: Few people, so that all processes meet on the same accounts.
PEOPLE = range(1, 9)
#: More than anybody can send, so that no transfer is refused.
_FUND_MINOR = 10**12


def funding() -> dict[str, Posting]:
    """What everybody has in the beginning, by key."""
    return {f"fund:{person}": _funded(person) for person in PEOPLE}


def _funded(person: int) -> Posting:
    entries = (debit(Account(Asset.ITD, "trading"), _FUND_MINOR), credit(available(person), _FUND_MINOR))
    return Posting(f"fund:{person}", "fund", "test", entries=entries)


def transfer(name: str, number: int) -> Posting:
    """The transfer of this number in the series of this name."""
    chance = Random(f"{name}:{number}")
    sender, recipient = chance.sample(PEOPLE, 2)
    entries = sent(sender, recipient, chance.randint(1, 1_000), chance.choice((0, 1)))
    return Posting(f"{name}:{number}", "sent", "test", entries=entries)


def series(name: str, count: int) -> dict[str, Posting]:
    """The transfers from 0 to below ``count``, by key."""
    return {posting.key: posting for posting in (transfer(name, number) for number in range(count))}


async def lost(database: Database, acknowledged: Collection[str]) -> list[str]:
    """What was acknowledged and is not in the journal."""
    there = await stored_journal(database, acknowledged)
    return [f"{key} was acknowledged and is lost" for key in acknowledged if key not in there]


async def gaps(wallet: Wallet, database: Database, wanted: Mapping[str, Posting]) -> list[str]:
    """Everything that is not as if each of these postings had been made once, and nothing else."""
    there, model = await stored_journal(database), Model()
    for posting in wanted.values():
        model.force(posting)
    found = [f"{key} is missing" for key in wanted if key not in there]
    found += [f"{key} is too much" for key in there if key not in wanted]
    found += [f"{key} is another" for key in there if key in wanted and not _is(there[key]["entries"], wanted[key])]
    found += wrong_in_journal(there.values())
    stored = await stored_balances(database)
    if stored != model.balances():
        found.append(f"stored {stored}, wanted {model.balances()}")
    return found + (await verify_books(wallet.ports, {})).gaps


def _is(entries: list[dict[str, object]], posting: Posting) -> bool:
    made = [(entry["account"], entry["side"], entry["amount_minor"]) for entry in entries]
    return made == [(entry.account.id, entry.side.value, entry.amount_minor) for entry in posting.entries]
