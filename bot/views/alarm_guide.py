"""What to do about each alarm. ``docs/operations.md`` has the same words in its table; a test compares them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from bot.views.words import Html, Words

_CODE: Final = re.compile(r"`([^`]+)`")


def _(text: str) -> str:
    """Marks a text for the catalogues where it is translated later."""
    return text


GUIDE: Final[Mapping[str, str]] = {
    "record_incomplete": _(
        "stop this worker, append the lines of the other worker's `signed*.jsonl` to its own file of the same name, "
        "start it, clear the alarm. If there is no such file: the database was changed or restored, the key is "
        "somebody else's, or the address was used before this wallet was. Whoever clears the alarm all the same says "
        "that nothing in the queue was paid by those transactions"
    ),
    "foreign_spend": _("somebody else has the key: move what is left to a new seed's hot wallet, find out how"),
    "nonce_ahead": _('the database is an old backup, or somebody else signs: restore the newest copy; see "Restoring"'),
    "deposit_gone": _(
        "compare the chain with the books; a reorganisation deeper than `ETH_FINAL_DEPTH`, `BTC_FINAL_DEPTH` or "
        "`LTC_FINAL_DEPTH`, or a stolen deposit key. Mined again, it is credited again by itself"
    ),
    "deposit_unexplained": _(
        "the database is older than the addresses that people were given: restore the newer one; else whoever has the "
        "keys paid it. The coins are in no books"
    ),
    "reorganised_after_final": _(
        "what had settled was sent again, and pays nobody twice; what had paid nobody is not, and its nonce gets a "
        'no-op once the alarm is cleared (see "Why exactly once" in payouts.md); raise the chain\'s `…_FINAL_DEPTH`, '
        "wait, `wallet verify`"
    ),
    "contract_refused": _(
        "each payout goes by itself meanwhile, and nobody loses anything; correct the address, or wait until the "
        "deployment is final; `wallet doctor` tells"
    ),
    "fee_capped": _(
        "it waits, and nobody loses anything; raise `…_MAX_FEE_RATE`, `…_MAX_BATCH_FEE` or `ETH_MAX_FEE_GWEI`, or "
        "wait until fees fall"
    ),
    "sweep_reverted": _("look at `ETH_SWEEP_COLD_ADDRESS`; nothing is swept there while a simulation fails"),
    "payout_tampered": _("somebody wrote into the database: it is never paid; find out who, compare with the journal"),
    "refund_tampered": _("somebody wrote into the database: it is never paid; compare the case with the journal"),
    "payout_without_batch": _(
        "somebody wrote into the database: its money stays held; find its transaction by the signing record, compare "
        "with the journal"
    ),
    "payout_signed_before": _(
        "an old backup, or a state that somebody turned back: look for its transaction before anything else"
    ),
    "signer_refused": _(
        "an old backup, or a state that somebody turned back: look for its transaction; a no-op uses its nonce or "
        "coins up, so that others can follow"
    ),
    "card_mismatch": _(
        "nothing was booked. Look at it in the card company's dashboard: somebody else uses the key, or wrote into "
        "the database"
    ),
    "card_page_refused": _(
        "mend what it says, in its dashboard or in `CARD_RETURN_URL`: everybody's orders end like that"
    ),
    "card_disputed": _("answer in the card company's dashboard before its date; the outcome is booked by itself"),
    "card_refund_refused": _(
        "mend what it says, for instance its balance, and ask for the refund again; what is disputed is decided by "
        "the dispute"
    ),
    "card_refund_elsewhere": _("make refunds with `/refundcard`: then the ITD is taken first"),
    "card_claim_doubled": _(
        "ask the card company for them: nobody owes dollars twice. What it gives back is booked by itself, by the "
        "same claim or the other one"
    ),
    "card_claim_changed": _("answer in the card company's dashboard; the outcome is booked by itself"),
    "hot_wallet_low": _(
        "send what is missing to the hot wallet's address, see `/hotwallets`, and book it with `wallet "
        "fund-hot-wallet`; what it does not cover waits, and nobody loses anything"
    ),
    "item_waits": _(
        "`hot_wallet_short`: fund the hot wallet, or, where it has the coins, raise `…_MAX_BATCH_FEE`; "
        "`node_unclear`: look at the node; else the log has the facts"
    ),
    "nothing_is_formed": _("nobody loses anything; wait, or raise `ETH_MAX_FEE_GWEI` or `…_MAX_FEE_RATE`"),
    "policies_unsound": _(
        "withdrawals are refused and payouts wait meanwhile. If a program is older than the others, update it. Else "
        "somebody wrote into the database: find out who; put the document of `policy_sets` back from a copy, nothing "
        "else brings it back"
    ),
    "keys_changed": _(
        "it forms and signs nothing new until an owner approves at `/approvals`. If nobody planned it, stop the "
        "worker: somebody has the server"
    ),
    "levels_unsound": _(
        "whatever takes a limit is refused meanwhile, what arrives above an order is held, and mass sends wait. If a "
        "program is older than the others, update it. Else somebody wrote into the database: find out who; put the "
        "document of `level_tables` back from a copy, nothing else brings it back"
    ),
    "paid_after_all": _(
        "compare the chain with the books: who has the coins and has them once is settled by hand, who has them twice "
        "owes them; raise `ETH_FINAL_DEPTH`; then clear"
    ),
    "role_forged": _(
        "the role opens nothing. Somebody wrote into the database: find out who. If it is from before roles were "
        "sealed, `wallet admin add` gives it anew"
    ),
    "item_stopped": _("the log has the trace; the others go on"),
}


def advice(words: Words, alarm: str) -> Html:
    """What to do, with what is to be typed set apart; for an alarm that this program does not know, where to look."""
    text = (
        words(GUIDE[alarm]) if alarm in GUIDE else words(_("look into the worker's log, and into docs/operations.md"))
    )
    return Html(_CODE.sub(lambda found: words.code(found.group(1)), text))
