"""Say that an alarm was seen to, or that it is over by itself."""

from __future__ import annotations

from wallet_core.domain.alert import Alert, CloseAlert
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Posting
from wallet_core.domain.people import Access, Caller
from wallet_core.ports import Ports
from wallet_core.use_cases.codes import post_with_code
from wallet_core.use_cases.gate import if_allowed, use_case


@use_case(Access.FINANCE)
async def close_alert(ports: Ports, caller: Caller, alert_id: str, code: str) -> Alert:
    """Takes the admin's own code; the same alarm begins a new episode when it is raised again.

    Raises ``Refused``: NOT_FOUND for what is closed, WRONG_STATE for one that froze a rail, which ``clear_alarm`` ends,
    CHANGED_MEANWHILE when it was raised once more since it was shown, and the code's.
    """
    alert = await ports.store.get(Alert, alert_id)
    if alert is None or alert.closed_at is not None:
        raise Refused(Reason.NOT_FOUND, what="alarm")
    if alert.frozen:
        raise Refused(Reason.WRONG_STATE, what="alarm", state="frozen")
    posting = Posting(
        closing_key(alert),
        "alert_closed",
        caller.name,
        changes=(if_allowed(ports, caller.person, Access.FINANCE), CloseAlert.of(alert, caller.person)),
        people=(caller.person,),
        facts={"alert": alert.id, "episode": alert.episode},
    )
    await post_with_code(ports, caller, code, posting)
    return alert


def closing_key(alert: Alert) -> str:
    """What an episode is closed under, as it was seen: whoever is faster."""
    return f"alert_closed:{alert.id}:{alert.episode}:{alert.count}"
