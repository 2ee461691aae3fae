"""Every error that this program raises on purpose, and what its catcher does with it.

::

    WalletError
    ├── Refused             the person can mend it: show the reason, nothing was changed
    ├── AlreadyDone         it was done before: answer with the first result
    ├── Unavailable         not now: try again later; the same key makes that safe whatever happened
    └── InvariantViolated   must never be: alarm, stop this item, change nothing

A broadcast's unknown outcome is no error: see ``domain/payout``.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Any


@unique
class Reason(StrEnum):
    """Why a request was refused. ``bot/views/reasons`` has the words for each."""

    # The gate
    ENROL_FIRST = "enrol_first"
    ALREADY_ENROLLED = "already_enrolled"
    NOT_ALLOWED = "not_allowed"
    OWNER_EXISTS = "owner_exists"
    LAST_OWNER = "last_owner"
    PRIVATE_CHAT_ONLY = "private_chat_only"
    NOBODY = "nobody"
    BAD_FILTER = "bad_filter"
    # Codes
    WRONG_CODE = "wrong_code"
    CODE_USED = "code_used"
    CODE_NEEDED = "code_needed"
    CODE_LOCKED = "code_locked"
    REENROL = "reenrol"
    WRONG_RECOVERY_CODE = "wrong_recovery_code"
    # Changes of the way in
    NOT_YET = "not_yet"
    UNDER_WAY = "under_way"
    NEEDS_DOCUMENTS = "needs_documents"
    DOCUMENTS_UNSEEN = "documents_unseen"
    HAS_WALLET = "has_wallet"
    # What was typed
    BAD_AMOUNT = "bad_amount"
    BELOW_MINIMUM = "below_minimum"
    BAD_POLICY = "bad_policy"
    BAD_LEVEL = "bad_level"
    BAD_RANGE = "bad_range"
    BAD_END = "bad_end"
    RANGE_TOO_LONG = "range_too_long"
    BAD_ADDRESS = "bad_address"
    BAD_CHECKSUM = "bad_checksum"
    ZERO_ADDRESS = "zero_address"
    OWN_ADDRESS = "own_address"
    BAD_TXID = "bad_txid"
    UNKNOWN_ASSET = "unknown_asset"
    UNKNOWN_RECIPIENT = "unknown_recipient"
    RECIPIENT_NOT_ENROLLED = "recipient_not_enrolled"
    RECIPIENT_IS_SELF = "recipient_is_self"
    CONTACT_UNKNOWN = "contact_unknown"
    NOT_A_PERSON = "not_a_person"
    NOTE_TOO_LONG = "note_too_long"
    UNKNOWN_ZONE = "unknown_zone"
    BAD_RULE = "bad_rule"
    TOO_MANY = "too_many"
    # Money and limits
    INSUFFICIENT_FUNDS = "insufficient_funds"
    LIMIT_COUNT = "limit_count"
    LIMIT_AMOUNT = "limit_amount"
    RECIPIENT_LIMIT = "recipient_limit"
    FROZEN = "frozen"
    NOT_FROZEN = "not_frozen"
    IN_DEBT = "in_debt"
    DISPUTED = "disputed"
    CARD_MONEY_YOUNG = "card_money_young"
    POLICY = "policy"
    POLICIES_UNSOUND = "policies_unsound"
    LEVELS_UNSOUND = "levels_unsound"
    NO_PAYABLE_ROWS = "no_payable_rows"
    REQUEST_TAKEN = "request_taken"
    REQUEST_PAID = "request_paid"
    REQUEST_OVERPAID = "request_overpaid"
    REQUEST_FULL = "request_full"
    NOBODY_TO_REMIND = "nobody_to_remind"
    TOO_SOON = "too_soon"
    # Levels and the documents for them
    FOREIGN_CONTACT = "foreign_contact"
    BAD_DOCUMENT = "bad_document"
    DOCUMENT_TOO_LARGE = "document_too_large"
    TOO_MANY_DOCUMENTS = "too_many_documents"
    DOCUMENTS_GONE = "documents_gone"
    HIGHEST_LEVEL = "highest_level"
    KYC_WAIT = "kyc_wait"
    KYC_MISSING = "kyc_missing"
    CLAIMED = "claimed"
    NOT_CLAIMED = "not_claimed"
    NOT_LOOKED = "not_looked"
    SECOND_REVIEWER = "second_reviewer"
    BAD_REASON = "bad_reason"
    NOT_LOWER = "not_lower"
    # Promises that ended
    EXPIRED = "expired"
    WRONG_STATE = "wrong_state"
    NOT_YOURS = "not_yours"
    NOT_FOUND = "not_found"
    CHANGED_MEANWHILE = "changed_meanwhile"
    # Outside
    RATE_UNAVAILABLE = "rate_unavailable"
    RAIL_OFF = "rail_off"
    WITHDRAW_ONLY = "withdraw_only"
    ALL_PAUSED = "all_paused"
    # The worker
    LEASE_LOST = "lease_lost"
    NODE_UNCLEAR = "node_unclear"
    HOT_WALLET_SHORT = "hot_wallet_short"


class WalletError(Exception):
    """The root of every error that is raised on purpose."""


class Refused(WalletError):  # noqa: N818 - a refusal is an answer, not a failure
    """The request was refused for a reason that the person can mend; nothing was changed.

    ``facts`` are the numbers and names behind the reason; amounts in minor units, times as aware ``datetime``.
    """

    def __init__(self, reason: Reason, **facts: Any) -> None:
        super().__init__(reason.value, facts)
        self.reason = reason
        self.facts = facts


class AlreadyDone(WalletError):  # noqa: N818 - an answer too
    """The same request was carried out before; ``result`` is what it answered then."""

    def __init__(self, result: Any) -> None:
        super().__init__("already done")
        self.result = result


class Unavailable(WalletError):  # noqa: N818 - a state, named as what it is
    """Something that is needed does not answer now; it may be tried again.

    A posting may have been committed although its answer was lost: the same key answers with the first result.
    """


class InvariantViolated(WalletError):  # noqa: N818 - it names what happened
    """Something that must never be is so. Alarm, stop this item, change nothing."""
