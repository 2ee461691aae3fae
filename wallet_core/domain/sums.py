"""What the records of the journal add up to, record after record, to be compared with what the database keeps of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from wallet_core.domain.accounts import asset_of, grows_on
from wallet_core.domain.kyc import first_day_kept
from wallet_core.domain.money import plain
from wallet_core.domain.record import Document


class AccountSums:
    """Sums of entries by account. The records of one account must come in the order of their places."""

    def __init__(self) -> None:
        #: In minor units, on the side on which each account grows.
        self.sums: dict[str, int] = defaultdict(int)
        #: Accounts of which a record was wrong: the records after it are wrong by as much.
        self._told: set[str] = set()

    def add(self, record: Document) -> Iterator[str]:
        """Books a record; a sentence for each asset that does not balance and each person's balance that is not right.

        Raises for a record that cannot be read, and books nothing of it.
        """
        assets: dict[str, int] = defaultdict(int)
        deltas: dict[str, int] = defaultdict(int)
        for entry in record["entries"]:
            account, side, minor = entry["account"], entry["side"], entry["amount_minor"]
            assets[account.partition(":")[0]] += minor if side == "debit" else -minor
            deltas[account] += minor if side == grows_on(account) else -minor
        for account, delta in deltas.items():
            self.sums[account] += delta
        yield from (f"{record['_id']}: {asset} does not balance" for asset, total in assets.items() if total)
        for entry in record["entries"]:
            if ":person:" in entry["account"]:
                yield from self._continues(record["_id"], entry, deltas[entry["account"]])

    def _continues(self, key: str, entry: Document, delta: int) -> Iterator[str]:
        account, after = entry["account"], entry["after_minor"]
        if after == self.sums[account] or (after is None and not delta) or account in self._told:
            return
        self._told.add(account)
        asset = asset_of(account)
        said = "nothing" if after is None else plain(after, asset)
        yield f"{key}: it says that {account} has {said} after it, the entries make {plain(self.sums[account], asset)}"


class LimitSums:
    """Whether people's counters of daily limits are what the records took.

    There are many counters and they are compared whole, so one number stands for all of a person's: their sum, each
    weighted by a number that its day and operation have in this process alone.
    """

    def __init__(self) -> None:
        self._left: dict[int, int] = defaultdict(int)
        self._first_day: dict[int, str] = {}

    def note_guards(self, guards: Document) -> None:
        """A person's counters as they are kept; all people's before the first record. Raises for unreadable ones."""
        person, limits = guards["_id"], guards.get("limits", {})
        self._first_day[person] = first_day_kept(limits)
        for day, operations in limits.items():
            for operation, counter in operations.items():
                self._add(person, day, operation, counter["count"], counter["amount_minor"])

    def add(self, record: Document) -> None:
        """What a record took or gave back; days that the guards do not keep any more are left out."""
        for limit in record["limits"]:
            person, day = limit["person"], limit["day"]
            if day >= self._first_day.get(person, ""):
                self._add(person, day, limit["operation"], -limit["count"], -limit["amount_minor"])

    def gaps(self) -> list[str]:
        """A sentence for each person whose counters are not right."""
        return [
            f"person {person}: the counters of daily limits in guards are not what the records took"
            for person, left in sorted(self._left.items())
            if left
        ]

    def _add(self, person: int, day: str, operation: str, count: int, amount_minor: int) -> None:
        self._left[person] += hash((day, operation, 0)) * count + hash((day, operation, 1)) * amount_minor
