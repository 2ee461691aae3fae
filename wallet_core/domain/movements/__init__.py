"""One movement of money a function, named in the past tense: the balanced entries that it makes in the books.

``docs/ledger.md`` has the same list with debit and credit; a test holds the two together.
"""

from wallet_core.domain.movements.payouts import (
    gas_burned,
    withdrawal_held,
    withdrawal_returned,
    withdrawal_settled,
    withdrawal_voided,
)
from wallet_core.domain.movements.purchases import purchase_credited, purchase_held, purchase_released
from wallet_core.domain.movements.transfers import hot_wallet_funded, sent

__all__ = [
    "gas_burned",
    "hot_wallet_funded",
    "purchase_credited",
    "purchase_held",
    "purchase_released",
    "sent",
    "withdrawal_held",
    "withdrawal_returned",
    "withdrawal_settled",
    "withdrawal_voided",
]
