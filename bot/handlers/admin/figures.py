"""What admins look at: hot wallets, rates, fees, statistics, health, one batch, open alarms."""

from __future__ import annotations

from bot.actions import Question
from bot.context import Turn
from bot.views import alerts as alert_views
from bot.views import batches as batch_views
from bot.views import figures as views
from bot.views import health as health_views
from wallet_core.domain.people import Access, access_of
from wallet_core.use_cases.close_alert import close_alert
from wallet_core.use_cases.show_alerts import show_alerts
from wallet_core.use_cases.show_batch import show_batch
from wallet_core.use_cases.show_fees import show_fees
from wallet_core.use_cases.show_health import show_health
from wallet_core.use_cases.show_hot_wallets import show_hot_wallets
from wallet_core.use_cases.show_rates import show_rates
from wallet_core.use_cases.show_statistics import show_statistics


async def hot_wallets(turn: Turn) -> None:
    """Hot wallets."""
    await turn.show(views.hot_wallets(turn.words, await show_hot_wallets(turn.ports, turn.caller)))


async def rates(turn: Turn) -> None:
    """What coins are worth, by each source."""
    await turn.show(views.rates(turn.words, await show_rates(turn.ports, turn.caller)))


async def fees(turn: Turn) -> None:
    """What is taken, and what it costs."""
    await turn.show(views.fees(turn.words, await show_fees(turn.ports, turn.caller)))


async def statistics(turn: Turn) -> None:
    """People and volumes."""
    await turn.show(views.statistics(turn.words, await show_statistics(turn.ports, turn.caller)))


async def health(turn: Turn) -> None:
    """Every process."""
    await turn.show(health_views.health(turn.words, await show_health(turn.ports, turn.caller)))


async def batch(turn: Turn) -> None:
    """One batch; the button carries its id and the page of its payouts."""
    batch_id, _, page = turn.argument.partition(" ")
    number = int(page) if page.isdecimal() and len(page) < 7 else 1
    await turn.show(batch_views.batch(turn.words, await show_batch(turn.ports, turn.caller, batch_id, number)))


async def alerts(turn: Turn) -> None:
    """Open alarms."""
    decides = access_of(turn.guards.role) >= Access.FINANCE
    await turn.show(alert_views.alerts(turn.words, await show_alerts(turn.ports, turn.caller), decides=decides))


async def alert_close(turn: Turn) -> None:
    """Asks for the code to say that an alarm was seen to."""
    purpose = alert_views.close_purpose(turn.words, turn.argument)
    await turn.ask_code(Question.ALERT_CODE, purpose, turn.argument)


async def alert_code(turn: Turn) -> None:
    """It was seen to."""
    await close_alert(turn.ports, turn.caller, turn.argument, turn.text)
    await alerts(turn)
