"""Figures for admins: hot wallets, rates, fees, statistics."""

from __future__ import annotations

from datetime import datetime

from bot.actions import Action
from bot.views import keyboards
from bot.views.card import Button, Card
from bot.views.desk import age
from bot.views.hot_wallet import level_line
from bot.views.words import Words
from wallet_core.domain.agreement import NoRate
from wallet_core.domain.hot_wallet import Level
from wallet_core.domain.money import Asset
from wallet_core.domain.quote import Heard
from wallet_core.use_cases.show_fees import ChainFees, FeesView
from wallet_core.use_cases.show_hot_wallets import HotWalletsView, WalletLevel
from wallet_core.use_cases.show_rates import RatesView, RateView
from wallet_core.use_cases.show_statistics import Statistics
from wallet_core.use_cases.volumes import Volume, Volumes

_WEI_PER_GWEI = 10**9


def _card(_: Words, heading: str, blocks: list[str], action: Action) -> Card:
    refresh = (Button(_("Refresh"), action),)
    return Card("\n\n".join((_.bold(heading), *blocks)), (refresh, keyboards.back(_, Action.DESK)))


def hot_wallets(_: Words, view: HotWalletsView) -> Card:
    """What each hot wallet has and should have, where to refill it, and what lies elsewhere."""
    blocks = [_wallet(_, wallet, view.now) for wallet in view.wallets]
    return _card(_, _("Hot wallets"), blocks, Action.HOT_WALLETS)


def _wallet(_: Words, wallet: WalletLevel, now: datetime) -> str:
    asset, level = wallet.asset, wallet.level
    books = _(
        "By the books: hot {hot}, cold {cold}, deposits {deposits}",
        hot=_.amount(wallet.hot_minor, asset),
        cold=_.amount(wallet.cold_minor, asset),
        deposits=_.amount(wallet.deposits_minor, asset),
    )
    if level is None:
        return "\n".join((_.bold(asset), _("No worker has looked at it yet."), books))
    seen = _("As its worker saw it, {age} ago.", age=age(_, now - level.at))
    return "\n".join(line for line in (_.bold(asset), level_line(_, level), _refill(_, level), books, seen) if line)


def _refill(_: Words, level: Level) -> str:
    address = _.code(level.address)
    if not level.missing_minor:
        return _("Address: {address}", address=address)
    return _("Send {missing} to {address}", missing=_.amount(level.missing_minor, level.id), address=address)


def rates(_: Words, view: RatesView) -> Card:
    """Each coin's rate, and what every source says of it."""
    return _card(_, _("Rates"), [_rate(_, rate, view.now) for rate in view.rates], Action.RATES)


def _rate(_: Words, view: RateView, now: datetime) -> str:
    coin = _.ltr(f"1 {view.asset}")
    heard = [_heard(_, one, now) for one in view.heard]
    if view.rate is None:
        return "\n".join((_.bold(_("{coin}: no rate, {why}", coin=coin, why=_why(_, view.why))), *heard))
    facts = {
        "buying": _.amount(view.rate.purchase_minor),
        "paying": _.amount(view.rate.withdrawal_minor),
    }
    heading = _.bold(_("{coin} = {amount}, the median", coin=coin, amount=_.amount(view.rate.itd_minor)))
    return "\n".join((heading, _("Who buys gets {buying}, who withdraws gives {paying}", **facts), *heard))


def _heard(_: Words, one: Heard, now: datetime) -> str:
    if one.itd_minor is None or one.at is None:
        return _("• {source}: no price", source=_.ltr(one.source))
    seconds = max(0, int((now - one.at).total_seconds()))
    price = _.amount(one.itd_minor)
    return _("• {source}: {price}, {seconds} s old", source=_.ltr(one.source), price=price, seconds=seconds)


def _why(_: Words, why: str) -> str:
    names = {
        NoRate.MISSING: _("too few sources answer"),
        NoRate.APART: _("the sources disagree"),
        NoRate.JUMPED: _("it has just jumped, and waits"),
    }
    return next((text for known, text in names.items() if known == why), why or "?")


def fees(_: Words, view: FeesView) -> Card:
    """What is set, what the networks take, and what was earned."""
    house = "\n".join(
        (
            _("Sends: {fee}", fee=_.amount(view.send_minor)),
            _("Purchases: {percent} %", percent=_percent(view.purchase_basis_points)),
            _("Spread of the rate, each way: {percent} %", percent=_percent(view.spread_basis_points)),
            _(
                "Earned: fees {fees}, rounding {rounding}",
                fees=_.amount(view.income_minor),
                rounding=_.amount(view.rounding_minor),
            ),
        )
    )
    return _card(_, _("Fees"), [house, *(_chain(_, chain, view.now) for chain in view.chains)], Action.FEES)


def _percent(basis_points: int) -> str:
    return f"{basis_points // 100}.{basis_points % 100:02d}"


def _chain(_: Words, chain: ChainFees, now: datetime) -> str:
    asset = chain.asset
    lines = [
        _.bold(asset),
        _(
            "Withdrawal {fee}, withheld of a refund {refund}",
            fee=_.amount(chain.withdrawal_minor),
            refund=_.amount(chain.refund_minor),
        ),
        _price(_, chain, now),
        _("The network took in all: {cost}", cost=_.amount(chain.network_minor, asset)),
    ]
    return "\n".join(line for line in lines if line)


def _price(_: Words, chain: ChainFees, now: datetime) -> str:
    if chain.priced_at is None:
        return _("No batch of ours has been sent yet, so nothing is known of the network's price.")
    since = age(_, now - chain.priced_at)
    if chain.asset is Asset.ETH:
        gwei = f"{chain.price_minor // _WEI_PER_GWEI}.{chain.price_minor % _WEI_PER_GWEI // 10**7:02d}"
        return _("The network's price: {price} gwei for gas, {age} ago", price=gwei, age=since)
    return _("The network's price: {price} satoshi per virtual byte, {age} ago", price=chain.price_minor, age=since)


def statistics(_: Words, found: Statistics) -> Card:
    """People, and what they did within a day and a week."""
    people = "\n".join(
        (
            _("People: {count}, with a second factor: {enrolled}", count=found.people, enrolled=found.enrolled),
            _("Seen within 24 hours: {day}, within 7 days: {week}", day=found.active_day, week=found.active_week),
        )
    )
    blocks = [people, _volumes(_, _("In 24 hours"), found.day), _volumes(_, _("In 7 days"), found.week)]
    return _card(_, _("Statistics"), blocks, Action.STATISTICS)


def _volumes(_: Words, heading: str, done: Volumes) -> str:
    def sums(volume: Volume) -> dict[str, object]:
        return {"count": volume.count, "sum": _.amount(volume.amount_minor)}

    lines = (
        _.bold(heading),
        _("Sends: {count}, {sum}", **sums(done.sends)),
        _("Purchases: {count}, {sum}", **sums(done.purchases)),
        _("Withdrawals: {count}, {sum}", **sums(done.withdrawals)),
        _("Fees of these: {sum}", sum=_.amount(done.income_minor)),
    )
    return "\n".join(lines)
