"""What a person can ask their history for: filters, and what each kind of journal record is about."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Topic(StrEnum):
    """What a kind of record is about."""

    TRANSFERS = "transfers"
    PURCHASES = "purchases"
    WITHDRAWALS = "withdrawals"
    ACCOUNT = "account"
    #: The platform's own affairs, which stand in nobody's history.
    HOUSE = "house"


class Filter(StrEnum):
    """What a history shows: everything, one topic, or what raised (IN) or lowered (OUT) what the person may spend.

    IN and OUT go by the money and not by the kind: the same record is the sender's OUT and the recipient's IN.
    """

    ALL = "all"
    IN = "in"
    OUT = "out"
    TRANSFERS = "transfers"
    PURCHASES = "purchases"
    WITHDRAWALS = "withdrawals"
    ACCOUNT = "account"


#: Every kind of record that the program writes, each with one topic; a test reads the kinds from the source.
KINDS: Final = {
    "sent": Topic.TRANSFERS,
    "mass_send_previewed": Topic.ACCOUNT,
    "mass_lines_seen": Topic.ACCOUNT,
    "mass_send_stopped": Topic.ACCOUNT,
    "mass_send_resumed": Topic.ACCOUNT,
    "mass_send_cancelled": Topic.ACCOUNT,
    "approval_asked": Topic.ACCOUNT,
    "approval_refused": Topic.ACCOUNT,
    "approval_taken_back": Topic.ACCOUNT,
    "send_offered": Topic.TRANSFERS,
    "send_not_wanted": Topic.TRANSFERS,
    "send_held": Topic.TRANSFERS,
    "claim_asked": Topic.TRANSFERS,
    "claimant_refused": Topic.TRANSFERS,
    "claimed": Topic.TRANSFERS,
    "send_taken_back": Topic.TRANSFERS,
    "send_returned": Topic.TRANSFERS,
    "payment_requested": Topic.TRANSFERS,
    "request_opened": Topic.TRANSFERS,
    "request_cancelled": Topic.TRANSFERS,
    "payers_reminded": Topic.TRANSFERS,
    "recurring_proposed": Topic.TRANSFERS,
    "recurring_set_up": Topic.TRANSFERS,
    "recurring_paused": Topic.TRANSFERS,
    "recurring_resumed": Topic.TRANSFERS,
    "recurring_skipped": Topic.TRANSFERS,
    "recurring_ended": Topic.TRANSFERS,
    "recurring_failed": Topic.TRANSFERS,
    "recurring_missed": Topic.TRANSFERS,
    "hold_opened": Topic.TRANSFERS,
    "hold_settled": Topic.TRANSFERS,
    "hold_released": Topic.TRANSFERS,
    "purchase_offered": Topic.PURCHASES,
    "purchase_not_wanted": Topic.PURCHASES,
    "invoice_issued": Topic.PURCHASES,
    "invoice_expired": Topic.PURCHASES,
    "limit_returned": Topic.PURCHASES,
    "purchase_pending": Topic.PURCHASES,
    "purchase_credited": Topic.PURCHASES,
    "purchase_released": Topic.PURCHASES,
    "card_payment_failed": Topic.PURCHASES,
    "card_refund_asked": Topic.PURCHASES,
    "card_claim_opened": Topic.PURCHASES,
    "card_claim_enlarged": Topic.PURCHASES,
    "card_claim_returned": Topic.PURCHASES,
    "card_money_reversed": Topic.PURCHASES,
    "debt_repaid": Topic.PURCHASES,
    "purchase_reversed": Topic.PURCHASES,
    "case_lapsed": Topic.PURCHASES,
    "case_opened": Topic.PURCHASES,
    "case_kept": Topic.PURCHASES,
    "case_closed": Topic.PURCHASES,
    "rest_asked": Topic.PURCHASES,
    "refund_decided": Topic.PURCHASES,
    "refund_offered": Topic.PURCHASES,
    "refund_not_wanted": Topic.PURCHASES,
    "refund_refused": Topic.PURCHASES,
    "refund_requested": Topic.PURCHASES,
    "refund_cancelled": Topic.PURCHASES,
    "refund_returned": Topic.PURCHASES,
    "refund_paid": Topic.PURCHASES,
    "mass_payout_queued": Topic.WITHDRAWALS,
    "withdrawal_offered": Topic.WITHDRAWALS,
    "withdrawal_not_wanted": Topic.WITHDRAWALS,
    "withdrawal_held": Topic.WITHDRAWALS,
    "withdrawal_approved": Topic.WITHDRAWALS,
    "withdrawal_refused": Topic.WITHDRAWALS,
    "withdrawal_cancelled": Topic.WITHDRAWALS,
    "withdrawal_returned": Topic.WITHDRAWALS,
    "withdrawal_settled": Topic.WITHDRAWALS,
    "batch_formed": Topic.WITHDRAWALS,
    "batch_signed": Topic.WITHDRAWALS,
    "batch_broadcast": Topic.WITHDRAWALS,
    "batch_marked": Topic.WITHDRAWALS,
    "batch_confirmed": Topic.WITHDRAWALS,
    "batch_reorganised": Topic.WITHDRAWALS,
    "batch_reverted": Topic.WITHDRAWALS,
    "payout_failed": Topic.WITHDRAWALS,
    "payouts_unbatched": Topic.WITHDRAWALS,
    "batch_abandoned": Topic.WITHDRAWALS,
    "enrolment_begun": Topic.ACCOUNT,
    "two_factor_enabled": Topic.ACCOUNT,
    "recovery_code_used": Topic.ACCOUNT,
    "code_attempted": Topic.ACCOUNT,
    "code_used_up": Topic.ACCOUNT,
    "person_frozen": Topic.ACCOUNT,
    "person_thawed": Topic.ACCOUNT,
    "person_thaws": Topic.ACCOUNT,
    "freeze_over": Topic.ACCOUNT,
    "device_shown": Topic.ACCOUNT,
    "device_replaced": Topic.ACCOUNT,
    "recovery_codes_renewed": Topic.ACCOUNT,
    "codes_locked": Topic.ACCOUNT,
    "reset_asked": Topic.ACCOUNT,
    "reset_checked": Topic.ACCOUNT,
    "reset_cancelled": Topic.ACCOUNT,
    "reset_refused": Topic.ACCOUNT,
    "reset_done": Topic.ACCOUNT,
    "move_asked": Topic.ACCOUNT,
    "move_failed": Topic.ACCOUNT,
    "move_cancelled": Topic.ACCOUNT,
    "account_moved": Topic.ACCOUNT,
    "role_granted": Topic.ACCOUNT,
    "role_taken": Topic.ACCOUNT,
    "admin_refused": Topic.ACCOUNT,
    "keys_registered": Topic.ACCOUNT,
    "person_looked_up": Topic.ACCOUNT,
    # What an admin did at the desk stands in the admin's own history.
    "rail_switched": Topic.ACCOUNT,
    "mode_switched": Topic.ACCOUNT,
    "alert_closed": Topic.ACCOUNT,
    "alarm_cleared": Topic.ACCOUNT,
    "pay_now_asked": Topic.ACCOUNT,
    "kyc_begun": Topic.ACCOUNT,
    "kyc_document_sent": Topic.ACCOUNT,
    "kyc_part_finished": Topic.ACCOUNT,
    "kyc_part_begun_anew": Topic.ACCOUNT,
    "kyc_handed_in": Topic.ACCOUNT,
    "kyc_cancelled": Topic.ACCOUNT,
    "kyc_lapsed": Topic.ACCOUNT,
    "kyc_claimed": Topic.ACCOUNT,
    "kyc_released": Topic.ACCOUNT,
    "kyc_document_seen": Topic.ACCOUNT,
    "kyc_approved_once": Topic.ACCOUNT,
    "kyc_approved": Topic.ACCOUNT,
    "kyc_refused": Topic.ACCOUNT,
    "kyc_asked_again": Topic.ACCOUNT,
    "kyc_documents_removed": Topic.ACCOUNT,
    "level_lowered": Topic.ACCOUNT,
    "policies_switched": Topic.ACCOUNT,
    "level_table_stored": Topic.ACCOUNT,
    "screening_changed": Topic.ACCOUNT,
    "mass_rows_added": Topic.HOUSE,
    "mass_rows_ended": Topic.HOUSE,
    "mass_send_cleared": Topic.HOUSE,
    "mass_send_ended": Topic.HOUSE,
    "mass_send_expired": Topic.HOUSE,
    "mass_send_halted": Topic.HOUSE,
    "mass_send_told": Topic.HOUSE,
    "mass_send_uploaded": Topic.HOUSE,
    "alarm": Topic.HOUSE,
    "day_reported": Topic.HOUSE,
    "batch_settled": Topic.HOUSE,
    "blocks_scanned": Topic.HOUSE,
    "coins_gathered": Topic.HOUSE,
    "deposits_swept": Topic.HOUSE,
    "blocks_seen": Topic.HOUSE,
    "card_refund_begun": Topic.HOUSE,
    "fee_corrected": Topic.HOUSE,
    "fee_raised": Topic.HOUSE,
    "genesis_noted": Topic.HOUSE,
    "hot_wallet_funded": Topic.HOUSE,
    "level_told": Topic.HOUSE,
    "hot_wallet_refilled": Topic.HOUSE,
    "lease_released": Topic.HOUSE,
    "lease_taken": Topic.HOUSE,
    "pay_now_heard": Topic.HOUSE,
    "payment_mined": Topic.HOUSE,
    "rail_opened": Topic.HOUSE,
    "session_opened": Topic.HOUSE,
    "surplus_kept": Topic.HOUSE,
    "surplus_stored": Topic.HOUSE,
    "wait_told_again": Topic.HOUSE,
    # Before the account is concerned, somebody only claims that it is theirs.
    "move_begun": Topic.HOUSE,
    "move_tried": Topic.HOUSE,
    "window_widened": Topic.HOUSE,
}


#: What ``/audit`` shows: every action and decision of an admin, every look at a person, every change of what is set.
AUDITED: Final = (
    "admin_refused", "alarm", "alarm_cleared", "alert_closed", "approval_asked", "approval_refused",
    "approval_taken_back", "card_refund_asked", "case_closed", "case_kept", "hold_opened", "keys_registered",
    "kyc_approved", "kyc_approved_once", "kyc_asked_again", "kyc_claimed", "kyc_document_seen", "kyc_refused",
    "kyc_released", "level_lowered", "level_table_stored", "mass_lines_seen", "mass_send_cancelled",
    "mass_send_previewed", "mass_send_resumed", "mass_send_stopped", "mass_send_uploaded", "mode_switched",
    "pay_now_asked", "person_frozen",
    "person_looked_up", "person_thawed", "policies_switched", "rail_switched", "refund_decided", "reset_checked",
    "reset_refused", "rest_asked", "role_granted", "role_taken", "screening_changed", "withdrawal_approved",
    "withdrawal_refused",
)  # fmt: skip


def kinds_of(topic: Topic) -> tuple[str, ...]:
    """Every kind of record about a topic."""
    return tuple(kind for kind, about in KINDS.items() if about is topic)
