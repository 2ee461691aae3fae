"""What the records of the journal add up to, record after record, to be compared with what the database keeps of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from wallet_core.domain.accounts import asset_of, grows_on
from wallet_core.domain.kyc import first_day_kept
from wallet_core.domain.money import plain
from wallet_core.domain.record import Document


class AccountSums:
    """Sums of entries by account, and whether each person's records say what the sums are.

    Records come in the order of their places. Where one comes late, its account is among the ``disordered`` and nothing
    is said of it: it is to be read again by itself, with ``only``.
    """

    def __init__(self, *, only: str | None = None) -> None:
        #: In minor units, on the side on which each account grows.
        self.sums: dict[str, int] = defaultdict(int)
        self.disordered: set[str] = set()
        self._only = only
        self._last_place: dict[str, int] = {}
        #: What the first wrong record of an account says: those after it are wrong by as much.
        self._wrong: dict[str, str] = {}

    def add(self, record: Document) -> Iterator[str]:
        """Books a record; a sentence for each asset that does not balance.

        Raises for a record that cannot be read, and books nothing of it.
        """
        assets: dict[str, int] = defaultdict(int)
        for entry in record["entries"]:
            minor = entry["amount_minor"]
            assets[entry["account"].partition(":")[0]] += minor if entry["side"] == "debit" else -minor
        self.add_quietly(record)
        yield from (f"{record['_id']}: {asset} does not balance" for asset, total in assets.items() if total)

    def add_quietly(self, record: Document) -> None:
        """Books a record. Raises for one that cannot be read, and books nothing of it."""
        deltas: dict[str, int] = defaultdict(int)
        for entry in record["entries"]:
            account, minor = entry["account"], entry["amount_minor"]
            deltas[account] += minor if entry["side"] == grows_on(account) else -minor
        for account, delta in deltas.items():
            self.sums[account] += delta
        for entry in record["entries"]:
            if ":person:" in entry["account"] and self._only in (None, entry["account"]):
                self._follow(record, entry, deltas[entry["account"]])

    def gaps(self) -> list[str]:
        """A sentence for each account whose records do not say what the entries before them make."""
        return [said for account, said in sorted(self._wrong.items()) if account not in self.disordered]

    def _follow(self, record: Document, entry: Document, delta: int) -> None:
        account, after = entry["account"], entry["after_minor"]
        if record["place"] < self._last_place.get(account, 0):
            self.disordered.add(account)
        self._last_place[account] = record["place"]
        if after == self.sums[account] or (after is None and not delta):
            return
        asset = asset_of(account)
        said, made = "nothing" if after is None else plain(after, asset), plain(self.sums[account], asset)
        self._wrong.setdefault(
            account, f"{record['_id']}: it says that {account} has {said} after it, the entries make {made}"
        )


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
