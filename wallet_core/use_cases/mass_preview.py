"""Finds everybody in a file, prices it, and points at what is wrong, a thousand lines at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from wallet_core.domain.errors import Refused
from wallet_core.domain.guards import Guards
from wallet_core.domain.kyc import Operation, Used, excess, used
from wallet_core.domain.mass_file import FileRow
from wallet_core.domain.mass_row import MassRow, RowState, row_id
from wallet_core.domain.mass_send import MOST_NAMED, PIECE, WARNINGS, Remark, Remarked, Total
from wallet_core.domain.money import Asset
from wallet_core.domain.people import Person
from wallet_core.domain.purchase import Invoice
from wallet_core.domain.quote import itd_worth
from wallet_core.domain.screening import ScreenedAddress, screening_id
from wallet_core.domain.transaction_size import least_minor
from wallet_core.ports import Ports
from wallet_core.use_cases.intents import open_coins
from wallet_core.use_cases.limits import LimitsToday, limits_today
from wallet_core.use_cases.policy_facts import used_addresses
from wallet_core.use_cases.switchboard import switchboard

#: An ambiguous name, one that two profiles have, is nobody's.
_NOBODY: Final = 0


@dataclass(frozen=True, slots=True)
class _Known:
    """Who and what the lines of a piece name, as the database has it."""

    ids: Mapping[str, int]
    guards: Mapping[int, Guards]
    #: Addresses in their normal form by what was typed; those that are none are not there.
    addresses: Mapping[tuple[Asset, str], str]
    #: Of them, those of invoices; and the ids of those to which nothing is paid.
    invoiced: frozenset[str]
    screened: frozenset[str]
    #: Those that the payer asked for before.
    used: frozenset[tuple[Asset, str]]


@dataclass
class MassPreview:
    """The lines of one file as rows, piece after piece, with totals and remarks of all that have passed.

    ``rates_minor`` are ITD minor units per whole coin.
    """

    ports: Ports
    mass_send: str
    payer: int
    rates_minor: Mapping[Asset, int]
    open: frozenset[Asset]
    limits: LimitsToday
    totals: dict[Asset, Total] = field(default_factory=dict)
    _seen: set[tuple[int | str, Asset, int]] = field(default_factory=set)
    _received: dict[int, Used] = field(default_factory=dict)
    _remarks: dict[Remark, Remarked] = field(default_factory=dict)

    async def pieces(self, rows: Sequence[FileRow]) -> AsyncIterator[list[MassRow]]:
        """The rows of the file in order."""
        for start in range(0, len(rows), PIECE):
            piece = rows[start : start + PIECE]
            known = await self._known(piece)
            yield [self._row(row, known) for row in piece]

    def remarks(self) -> tuple[Remarked, ...]:
        """What is to be pointed at."""
        return tuple(self._remarks.values())

    async def _known(self, rows: Sequence[FileRow]) -> _Known:
        store = self.ports.store
        names = tuple({row.username.lower() for row in rows if row.username})
        ids: dict[str, int] = {}
        for person in await store.find(Person, {"username_key": names}, limit=2 * PIECE) if names else ():
            key = person.username_key or ""
            ids[key] = _NOBODY if key in ids else person.id
        people = tuple({*ids.values(), *(row.person for row in rows if row.person)})
        guards = await store.find(Guards, {"_id": people}, limit=len(people)) if people else []
        addresses = self._addresses(rows)
        normal = tuple(set(addresses.values()))
        own = await store.find(Invoice, {"address": normal}, limit=PIECE) if normal else []
        return _Known(
            ids,
            {g.id: g for g in guards},
            addresses,
            frozenset(invoice.address for invoice in own),
            await self._screened({(asset, address) for (asset, _), address in addresses.items()}),
            await used_addresses(self.ports, self.payer, normal),
        )

    def _addresses(self, rows: Sequence[FileRow]) -> dict[tuple[Asset, str], str]:
        found: dict[tuple[Asset, str], str] = {}
        for row in rows:
            if row.address is not None and row.asset in self.open:
                with suppress(Refused):
                    found[row.asset, row.address] = self.ports.addresses[row.asset].check(row.address)
        return found

    async def _screened(self, addresses: Collection[tuple[Asset, str]]) -> frozenset[str]:
        """The ids of those that stand on the screening list."""
        if not addresses:
            return frozenset()
        listed = {"_id": tuple(screening_id(asset, address) for asset, address in addresses), "listed": True}
        return frozenset(one.id for one in await self.ports.store.find(ScreenedAddress, listed, limit=len(addresses)))

    def _row(self, row: FileRow, known: _Known) -> MassRow:
        made = MassRow(
            id=row_id(self.mass_send, row.line),
            mass_send=self.mass_send,
            line=row.line,
            recipient=row.recipient,
            asset=row.asset,
            amount_minor=row.amount_minor,
            note=row.note,
        )
        if row.address is None:
            person = row.person or known.ids.get((row.username or "").lower(), _NOBODY)
            return self._to_person(made, person, known.guards.get(person))
        return self._to_address(made, row.address, known)

    def _to_person(self, row: MassRow, person: int, guards: Guards | None) -> MassRow:
        if guards is None:
            return self._refused(row, Remark.UNKNOWN_PERSON)
        if person == self.payer:
            return self._refused(row, Remark.SELF)
        if not guards.enrolled:
            return self._refused(row, Remark.NOT_ENROLLED)
        if row.amount_minor < self.ports.settings.itd("min_send"):
            return self._refused(row, Remark.BELOW_MINIMUM)
        if self._is_over_limit(guards, row.amount_minor):
            self._remark(Remark.OVER_LIMIT, row)
        return self._payable(row.model_copy(update={"person": person, "itd_minor": row.amount_minor}))

    def _is_over_limit(self, guards: Guards, amount_minor: int) -> bool:
        before = self._received.get(guards.id) or used(guards, Operation.RECEIVE, self.limits.when.day)
        counts = int(amount_minor >= self.ports.settings.itd("receive_counted_from"))
        counted = Used(before.count - (1 - counts), before.amount_minor)
        if excess(counted, amount_minor, self.limits.limit(guards, Operation.RECEIVE)):
            return True
        self._received[guards.id] = Used(before.count + counts, before.amount_minor + amount_minor)
        return False

    def _to_address(self, row: MassRow, text: str, known: _Known) -> MassRow:
        if row.asset not in self.open:
            return self._refused(row, Remark.RAIL_OFF)
        address = known.addresses.get((row.asset, text))
        # Coins that we send to ourselves would be booked as a purchase.
        if address is None or address in known.invoiced:
            return self._refused(row, Remark.BAD_ADDRESS)
        if screening_id(row.asset, address) in known.screened:
            return self._refused(row, Remark.SCREENED)
        if row.amount_minor < least_minor(row.asset):
            return self._refused(row, Remark.BELOW_MINIMUM)
        if (row.asset, address) not in known.used:
            self._remark(Remark.NEW_ADDRESS, row)
        fee_minor = self.ports.settings.withdrawal_fee_minor(row.asset)
        itd_minor = itd_worth(row.amount_minor, self.rates_minor[row.asset], row.asset)
        return self._payable(
            row.model_copy(update={"address": address, "itd_minor": itd_minor, "fee_minor": fee_minor})
        )

    def _payable(self, row: MassRow) -> MassRow:
        same = (row.person or row.address or "", row.asset, row.amount_minor)
        if same in self._seen:
            self._remark(Remark.DUPLICATE, row)
        self._seen.add(same)
        before = self.totals.get(row.asset) or Total(
            asset=row.asset, rows=0, amount_minor=0, itd_minor=0, rate_minor=self.rates_minor.get(row.asset, 0)
        )
        self.totals[row.asset] = before.plus(row.amount_minor, row.itd_minor, row.fee_minor)
        return row.model_copy(update={"mac": self.ports.vault.mac(row.terms())})

    def _refused(self, row: MassRow, remark: Remark) -> MassRow:
        self._remark(remark, row)
        refused = row.model_copy(update={"state": RowState.REFUSED, "reason": remark.value})
        return refused.model_copy(update={"mac": self.ports.vault.mac(refused.terms())})

    def _remark(self, remark: Remark, row: MassRow) -> None:
        before = self._remarks.get(remark) or Remarked(remark=remark, count=0, lines=())
        more: dict[str, Any] = {"count": before.count + 1}
        if before.count < MOST_NAMED:
            more |= {"lines": (*before.lines, row.line), "recipients": (*before.recipients, row.recipient)}
        self._remarks[remark] = before.model_copy(update=more)

    @property
    def refused(self) -> int:
        """Lines that will not be paid."""
        return sum(remarked.count for remark, remarked in self._remarks.items() if remark not in WARNINGS)


async def begin_preview(ports: Ports, mass_send: str, payer: int, rows: Sequence[FileRow]) -> MassPreview:
    """With the rates of now. Raises ``Refused`` RATE_UNAVAILABLE or LEVELS_UNSOUND."""
    # As with a withdrawal: a rail that is drained or closed takes nothing new.
    coins = frozenset(await open_coins(ports, Operation.PAYOUT)) - frozenset((await switchboard(ports)).shut)
    wanted = {row.asset for row in rows if row.address} & coins
    rates = {asset: (await ports.rates.rate(asset)).withdrawal_minor for asset in sorted(wanted)}
    return MassPreview(ports, mass_send, payer, rates, coins, await limits_today(ports))
