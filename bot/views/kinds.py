"""What each kind of the journal's records means to the person in whose history it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from bot.views.words import Words
from wallet_core.domain.money import Asset
from wallet_core.use_cases.show_history import HistoryRow

Teller = Callable[[Words, HistoryRow], str]


def kind_name(_: Words, row: HistoryRow) -> str:
    """A record's kind in words; one without words is named as the journal names it."""
    teller = TELLERS.get(row.kind)
    return teller(_, row) if teller else row.kind.replace("_", " ")


def _coin(row: HistoryRow) -> str:
    return str(row.facts.get("asset") or "")


def _sent(_: Words, row: HistoryRow) -> str:
    return _("sent") if row.amount_minor < 0 else _("received")


def _claimed(_: Words, row: HistoryRow) -> str:
    # What was claimed of somebody's is gone from what was held, and was no longer theirs to spend.
    return _("received") if row.amount_minor > 0 else _("claimed")


def _invoice_issued(_: Words, row: HistoryRow) -> str:
    if _coin(row) == Asset.USD:
        return _("purchase by card begun")
    return _("invoice in {asset}", asset=_coin(row))


def _purchase_credited(_: Words, row: HistoryRow) -> str:
    if row.available_minor:
        return _("purchase credited")
    return _("purchase arrived above the day's limit and waits")


def _withdrawal_held(_: Words, row: HistoryRow) -> str:
    return _("withdrawal requested in {asset}", asset=_coin(row))


def _fixed(text: str) -> Teller:
    return lambda _, row: _(text)


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


TELLERS: Final[Mapping[str, Teller]] = {
    "kyc_begun": _fixed(_("application for a level begun")),
    "kyc_document_sent": _fixed(_("document for a level sent")),
    "kyc_part_finished": _fixed(_("part of an application finished")),
    "kyc_part_begun_anew": _fixed(_("part of an application begun anew")),
    "kyc_handed_in": _fixed(_("application for a level handed in")),
    "kyc_cancelled": _fixed(_("application for a level taken back")),
    "kyc_lapsed": _fixed(_("application for a level ended, not handed in in time")),
    "kyc_claimed": _fixed(_("application for a level in a reviewer's hands")),
    "kyc_released": _fixed(_("application for a level given back by a reviewer")),
    "kyc_document_seen": _fixed(_("a reviewer looked at a document")),
    "kyc_approved_once": _fixed(_("application for a level approved by one reviewer")),
    "kyc_approved": _fixed(_("application for a level approved")),
    "kyc_refused": _fixed(_("application for a level refused")),
    "kyc_asked_again": _fixed(_("a document for a level asked for again")),
    "kyc_documents_removed": _fixed(_("documents of an application removed")),
    "level_lowered": _fixed(_("put on a lower level")),
    "sent": _sent,
    "send_held": _fixed(_("waits to be claimed")),
    "claim_asked": _fixed(_("asked for by link")),
    "claimant_refused": _fixed(_("not given to who asked by link")),
    "claimed": _claimed,
    "send_taken_back": _fixed(_("taken back, unclaimed")),
    "send_returned": _fixed(_("came back, unclaimed")),
    "payment_requested": _fixed(_("asked for money")),
    "request_opened": _fixed(_("payment request opened")),
    "request_cancelled": _fixed(_("payment request cancelled")),
    "payers_reminded": _fixed(_("payers reminded")),
    "recurring_proposed": _fixed(_("recurring send offered")),
    "recurring_set_up": _fixed(_("recurring send set up")),
    "recurring_paused": _fixed(_("recurring send paused")),
    "recurring_resumed": _fixed(_("recurring send resumed")),
    "recurring_skipped": _fixed(_("recurring send skipped once")),
    "recurring_ended": _fixed(_("recurring send ended")),
    "recurring_failed": _fixed(_("recurring send failed")),
    "recurring_missed": _fixed(_("recurring send missed")),
    "hold_opened": _fixed(_("set aside for several payments")),
    "hold_settled": _sent,
    "hold_released": _fixed(_("rest of several payments given back")),
    "invoice_issued": _invoice_issued,
    "invoice_expired": _fixed(_("invoice expired")),
    "purchase_pending": _fixed(_("payment seen, not final yet")),
    "purchase_credited": _purchase_credited,
    "case_opened": _fixed(_("payment too small; people decide")),
    "case_lapsed": _fixed(_("payment that was too small left the chain")),
    "case_kept": _fixed(_("payment too small; it stays with the service")),
    "case_closed": _fixed(_("payment looked into by an admin")),
    "rest_asked": _fixed(_("rest of a payment asked for")),
    "refund_decided": _fixed(_("payment to be sent back; address asked for")),
    "refund_refused": _fixed(_("sending back refused by a rule")),
    "refund_requested": _fixed(_("sending back requested")),
    "refund_cancelled": _fixed(_("sending back cancelled")),
    "refund_returned": _fixed(_("could not be sent back")),
    "refund_paid": _fixed(_("sent back")),
    "purchase_released": _fixed(_("waiting purchase released")),
    "card_payment_failed": _fixed(_("card payment failed")),
    "card_refund_asked": _fixed(_("refund to the card begun")),
    "card_claim_opened": _fixed(_("card payment claimed back; its money is set aside")),
    "card_claim_enlarged": _fixed(_("card payment claimed back; its money is set aside")),
    "card_claim_returned": _fixed(_("what was set aside for a card payment given back")),
    "card_money_reversed": _fixed(_("card payment taken back")),
    "debt_repaid": _fixed(_("debt repaid")),
    "purchase_reversed": _fixed(_("purchase taken back: its payment left the chain")),
    "withdrawal_held": _withdrawal_held,
    "withdrawal_approved": _fixed(_("withdrawal approved")),
    "withdrawal_refused": _fixed(_("withdrawal refused")),
    "withdrawal_cancelled": _fixed(_("withdrawal cancelled")),
    "withdrawal_returned": _fixed(_("withdrawal returned")),
    "withdrawal_settled": _fixed(_("withdrawal paid")),
    "batch_formed": _fixed(_("withdrawal in a batch")),
    "batch_broadcast": _fixed(_("withdrawal given to the network")),
    "batch_confirmed": _fixed(_("withdrawal in the chain, not final yet")),
    "batch_reverted": _fixed(_("payout failed in the chain; the withdrawal is queued again")),
    "payout_failed": _fixed(_("payout failed in the chain; the withdrawal is queued again")),
    "payouts_unbatched": _fixed(_("withdrawal left its batch before anything was signed; it is queued again")),
    "enrolment_begun": _fixed(_("pairing of an authenticator begun")),
    "two_factor_enabled": _fixed(_("authenticator paired")),
    "recovery_code_used": _fixed(_("recovery code used")),
    "person_frozen": _fixed(_("wallet frozen")),
    "person_thawed": _fixed(_("wallet unfrozen")),
    "person_thaws": _fixed(_("unfreezing of the wallet asked for")),
    "freeze_over": _fixed(_("freeze of the wallet over")),
    "device_shown": _fixed(_("pairing of another device begun")),
    "device_replaced": _fixed(_("device replaced")),
    "recovery_codes_renewed": _fixed(_("recovery codes renewed")),
    "codes_locked": _fixed(_("several wrong codes given")),
    "reset_asked": _fixed(_("reset of the second factor asked for")),
    "reset_checked": _fixed(_("reset of the second factor checked")),
    "reset_cancelled": _fixed(_("reset of the second factor ended")),
    "reset_refused": _fixed(_("reset of the second factor refused")),
    "reset_done": _fixed(_("second factor reset")),
    "move_asked": _fixed(_("move to another Telegram account asked for")),
    "move_failed": _fixed(_("move to another Telegram account failed")),
    "move_cancelled": _fixed(_("move to another Telegram account ended")),
    "account_moved": _fixed(_("wallet moved to another Telegram account")),
    "role_granted": _fixed(_("admin role given")),
    "role_taken": _fixed(_("admin role taken away")),
    "keys_registered": _fixed(_("keys of the wallet registered")),
    "person_looked_up": _fixed(_("a person looked up")),
    "admin_refused": _fixed(_("something that only admins may do, refused")),
    "rail_switched": _fixed(_("payouts switched")),
    "mode_switched": _fixed(_("whole wallet switched")),
    "alert_closed": _fixed(_("alarm seen to")),
    "alarm_cleared": _fixed(_("alarm cleared")),
    "level_table_stored": _fixed(_("another table of limits")),
    "policies_switched": _fixed(_("rules for withdrawals switched on")),
    "screening_changed": _fixed(_("screening list changed")),
    "pay_now_asked": _fixed(_("payment of a batch asked for at once")),
    "mass_send_previewed": _fixed(_("file of a mass send read")),
    "mass_lines_seen": _fixed(_("an admin looked at the lines of a mass send")),
    "mass_send_stopped": _fixed(_("mass send stopped")),
    "mass_send_resumed": _fixed(_("mass send resumed")),
    "mass_send_cancelled": _fixed(_("mass send cancelled")),
    "mass_payout_queued": _fixed(_("payout of a mass send queued")),
    "approval_asked": _fixed(_("another admin asked to approve")),
    "approval_taken_back": _fixed(_("question to another admin taken back")),
    "approval_refused": _fixed(_("what another admin asked for refused")),
}
