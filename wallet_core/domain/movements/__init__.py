"""One movement of money a function, named in the past tense: the balanced entries that it makes in the books.

``docs/ledger.md`` has the same list with debit and credit; a test holds the two together.
"""

from wallet_core.domain.movements.cards import loss_borne, loss_recovered, receivable_repaid
from wallet_core.domain.movements.cases import payment_refunded, payment_set_aside, payment_taken_up
from wallet_core.domain.movements.holds import hold_opened, hold_released, hold_settled
from wallet_core.domain.movements.house import (
    deposit_swept,
    hot_wallet_funded,
    moved_to_cold,
    moved_to_hot,
    sweep_arrived,
    sweep_stored,
    unexplained_kept,
    unexplained_received,
)
from wallet_core.domain.movements.payouts import (
    network_fee_corrected,
    network_fee_paid,
    withdrawal_held,
    withdrawal_returned,
    withdrawal_settled,
    withdrawal_voided,
)
from wallet_core.domain.movements.purchases import (
    purchase_credited,
    purchase_held,
    purchase_refunded,
    purchase_released,
    purchase_reversed,
)
from wallet_core.domain.movements.transfers import claimed, sent

__all__ = [
    "claimed",
    "deposit_swept",
    "hold_opened",
    "hold_released",
    "hold_settled",
    "hot_wallet_funded",
    "loss_borne",
    "loss_recovered",
    "moved_to_cold",
    "moved_to_hot",
    "network_fee_corrected",
    "network_fee_paid",
    "payment_refunded",
    "payment_set_aside",
    "payment_taken_up",
    "purchase_credited",
    "purchase_held",
    "purchase_refunded",
    "purchase_released",
    "purchase_reversed",
    "receivable_repaid",
    "sent",
    "sweep_arrived",
    "sweep_stored",
    "unexplained_kept",
    "unexplained_received",
    "withdrawal_held",
    "withdrawal_returned",
    "withdrawal_settled",
    "withdrawal_voided",
]
