"""End the alarms that have been quiet for a day."""

from __future__ import annotations

from wallet_core.domain.alert import LASTING, QUIET, Alert, CloseAlert, Severity
from wallet_core.domain.errors import Refused
from wallet_core.domain.ledger import Posting
from wallet_core.ports import Before, Ports
from wallet_core.use_cases.close_alert import closing_key
from wallet_core.use_cases.gate import operator_only
from wallet_core.use_cases.show_alerts import MOST_ALERTS


@operator_only
async def close_quiet_alerts(ports: Ports) -> None:
    """Ends what is not critical and was quiet for a day. By the bot; of several bots, one does it."""
    before = await ports.store.now() - QUIET
    quiet = {"closed_at": None, "frozen": False, "last_at": Before(before)}
    for alert in await ports.store.find(Alert, quiet, limit=MOST_ALERTS):
        if alert.severity is not Severity.CRITICAL and alert.alarm not in LASTING:
            facts = {"alert": alert.id, "episode": alert.episode}
            ended = Posting(
                closing_key(alert), "alert_closed", "bot", changes=(CloseAlert.of(alert, None),), facts=facts
            )
            try:
                await ports.ledger.post(ended)
            except Refused:
                # Somebody else ended it, or it was raised again.
                continue
