"""The card rail's life in the process: no node and no signer, one unit, and an account that must stay the same."""

from __future__ import annotations

from functools import partial

import structlog

from payout_worker import failpoints
from payout_worker.card_purchases import CardPurchases
from payout_worker.lease import LeaseKeeper
from payout_worker.ports import CardPorts, Cards
from payout_worker.schedule import trigger
from payout_worker.served_rail import Shared
from payout_worker.worker import Served, Worker
from wallet_core.adapters.stripe_checkout import open_stripe
from wallet_core.domain.card import CardAccount, mode_name
from wallet_core.domain.changes import Insert
from wallet_core.domain.errors import InvariantViolated, Reason, Refused
from wallet_core.domain.lease import lease_id
from wallet_core.domain.ledger import Posting
from wallet_core.domain.money import Asset
from wallet_core.domain.purchase import Rail
from wallet_core.ports import Ports

log = structlog.get_logger(__name__)


class CardRail:
    """Sells ITD for dollars while the block runs."""

    asset = Asset.USD

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        shared.health.note_lease(self.asset, "the card company has to be asked first")
        self._worker: Worker | None = None

    def wake(self) -> None:
        """Makes the unit look at once, also at the order to stop."""
        if self._worker is not None:
            self._worker.wake()

    async def run(self) -> None:
        """Serves until the order to stop. Raises ``InvariantViolated`` for a key of another account."""
        shared = self._shared
        with structlog.contextvars.bound_contextvars(asset=self.asset):
            async with open_stripe(shared.core.settings) as cards:
                account = await shared.stop.give_up(self._prepare(cards))
                if account is not None:
                    await self._serve(failpoints.armed(CardPorts.of(shared.core, cards, account)))

    async def _prepare(self, cards: Cards) -> CardAccount:
        shared = self._shared
        with shared.health.loop(self.asset) as came_round:
            shared.health.ask("card company", cards.account)
            return await shared.patiently("stripe", partial(adopt_account, shared.core, cards), came_round)

    async def _serve(self, ports: CardPorts) -> None:
        shared, settings, account = self._shared, ports.settings, ports.account
        lease = lease_id(self.asset, mode_name(account.live), account.id)
        keeper = LeaseKeeper(ports.ledger, ports.store, lease, shared.folder.identity, settings.lease_seconds)
        purchase = shared.units[1].rail(self.asset)
        units = [Served(purchase, CardPurchases(ports, purchase, shared.stop).run_pass)]
        check = partial(check_account, ports.core, account)
        self._worker = Worker(
            self.asset,
            units,
            check=check,
            keeper=keeper,
            stop=shared.stop,
            health=shared.health,
            share=shared.share,
        )
        log.info("started", lease=lease, holder=shared.folder.identity, state_dir=str(shared.folder.folder))
        with trigger(shared.scheduler, self._worker, settings):
            await self._worker.run()


async def adopt_account(core: Ports, cards: Cards) -> CardAccount:
    """Our account. The first start notes it on the rail, every later one insists on it: money of another is not ours.

    Raises ``InvariantViolated`` for another one, or for the same in the other mode, and ``Unavailable``.
    """
    account = await cards.account()
    if await core.store.get(Rail, Asset.USD) is None:
        # It has no addresses to run out of, so its one index stays below what is watched.
        rail = Rail(id=Asset.USD, genesis=account.name, watched_through=0)
        facts = {"asset": Asset.USD, "genesis": account.name}
        try:
            await core.ledger.post(
                Posting(f"rail:{Asset.USD}", "rail_opened", "worker", changes=(Insert(rail),), facts=facts)
            )
        except Refused as refused:
            # Another worker was faster; what it noted is compared below.
            if refused.reason is not Reason.CHANGED_MEANWHILE:
                raise
    await check_account(core, account)
    return account


async def check_account(core: Ports, account: CardAccount) -> None:
    """Raises ``InvariantViolated`` unless the rail is of this account."""
    rail = await core.store.get(Rail, Asset.USD)
    adopted = rail.genesis if rail else None
    if adopted != account.name:
        raise InvariantViolated(f"STRIPE_API_KEY is of account {account.name}, and this wallet's is {adopted}")
