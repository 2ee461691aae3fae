"""What the bot remembers between messages."""

from tests.unit.wallet_core.world import NOON
from wallet_core.domain.chat import Draft, OutboxMessage, OutboxState, SentMessage, Tap

TAP = Tap(id="t", card="c", person=1, chat=1, action="confirm", expires_at=NOON)
MESSAGE = OutboxMessage(id="k#0", person=1, template="sent", facts={}, at=NOON, order=0)


def test_what_the_bot_remembers_survives_a_restart_as_it_was() -> None:
    draft = Draft(id=1, action="code", expires_at=NOON)
    sent = SentMessage(id="withdrawal:w", chat=1, message_id=7)
    for record in (TAP, draft, sent, MESSAGE):
        assert type(record).of(record.document()) == record


def test_a_button_is_unused_and_a_message_waits_until_it_is_said_otherwise() -> None:
    assert TAP.used_at is None
    assert (MESSAGE.state, MESSAGE.claimed_until, MESSAGE.sealed) == (OutboxState.WAITING, None, None)


def test_the_bot_may_write_what_it_remembers_itself() -> None:
    assert not any(kind.ledgered for kind in (Tap, Draft, SentMessage, OutboxMessage))


def test_no_two_kinds_share_a_collection() -> None:
    collections = [kind.collection for kind in (Tap, Draft, SentMessage, OutboxMessage)]
    assert len(set(collections)) == 4
