"""What a posting owes to people is stored as an outbox message, once."""

import pytest

from tests.unit.wallet_core.world import NOON
from wallet_core.domain.chat import OutboxMessage
from wallet_core.domain.errors import Reason, Refused
from wallet_core.domain.ledger import Message, Send


def test_what_is_sent_is_stored_as_an_outbox_message() -> None:
    message = Message(7, "sent", {"amount_minor": 5}, thread="t", sealed=b"s")
    sent = Send("key", message, 3).apply(None, NOON)
    same = {"person": 7, "template": "sent", "facts": {"amount_minor": 5}, "thread": "t", "sealed": b"s"}
    assert sent == OutboxMessage(id="key#3", at=NOON, order=3, **same).document()
    assert list(sent) == list(OutboxMessage.of(sent).document())


def test_a_message_is_sent_once() -> None:
    with pytest.raises(Refused) as refused:
        Send("key", Message(7, "sent"), 0).apply({"_id": "key#0"}, NOON)
    assert refused.value.reason is Reason.CHANGED_MEANWHILE
