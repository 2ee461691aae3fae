"""An application from the first document to its end, as pure decisions."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wallet_core.domain.errors import AlreadyDone, Reason, Refused
from wallet_core.domain.kyc_application import (
    MAX_DOCUMENTS,
    PARTS,
    REVIEWERS,
    KycApplication,
    KycReason,
    KycState,
    moved,
)
from wallet_core.domain.kyc_document import MAX_PER_PART, KycDocument, Media, Part
from wallet_core.domain.kyc_messages import kyc_facts

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOON, LATER = NOON + timedelta(minutes=15), NOON + timedelta(days=1)
ANA, RITA, RUDI = 1, 2, 3


def document(part: Part, number: int = 0) -> KycDocument:
    name = f"{part}{number}"
    return KycDocument(
        id=name, part=part, media=Media.PDF, size_bytes=5, digest="d", message_id=hash(name), sent_at=NOON
    )


def opened(level: int = 2) -> KycApplication:
    return KycApplication(id="1:1", person=ANA, level=level, key=b"key", expires_at=LATER)


def complete(level: int = 2) -> KycApplication:
    application = opened(level)
    for part in PARTS[level]:
        application = application.with_document(document(part))
        if application.asks is part:
            application = application.finished(part)
    return application


def in_review(level: int = 2) -> KycApplication:
    return complete(level).handed_in()


def looked_through(application: KycApplication, reviewer: int) -> KycApplication:
    application = application.claimed(reviewer, NOON, SOON)
    for each in application.current:
        application = application.looked_at(each.id, reviewer, NOON, SOON)
    return application


def reason_of(call: Any, *arguments: Any) -> Reason:
    with pytest.raises(Refused) as refused:
        call(*arguments)
    return refused.value.reason


def test_the_parts_are_asked_for_one_after_the_other() -> None:
    application = opened()
    assert application.asks is Part.CONTACT
    application = application.with_document(document(Part.CONTACT))
    assert application.asks is Part.IDENTITY
    application = application.with_document(document(Part.IDENTITY)).with_document(document(Part.IDENTITY, 2))
    assert application.asks is Part.IDENTITY and reason_of(application.handed_in) is Reason.KYC_MISSING
    application = application.finished(Part.IDENTITY)
    assert application.asks is Part.SELFIE and reason_of(application.finished, Part.SELFIE) is Reason.KYC_MISSING
    assert application.with_document(document(Part.SELFIE)).handed_in().state is KycState.REVIEW


def test_what_is_not_asked_for_is_not_taken() -> None:
    assert reason_of(opened().with_document, document(Part.SELFIE)) is Reason.WRONG_STATE
    assert reason_of(in_review().with_document, document(Part.IDENTITY, 9)) is Reason.WRONG_STATE
    assert reason_of(in_review().begun_anew, Part.IDENTITY) is Reason.WRONG_STATE
    assert reason_of(in_review().handed_in) is Reason.WRONG_STATE


def test_the_same_message_is_taken_once() -> None:
    application = opened().with_document(document(Part.CONTACT))
    with pytest.raises(AlreadyDone):
        application.with_document(document(Part.CONTACT))


def test_a_part_and_an_application_hold_only_so_much() -> None:
    application = opened(3)
    for number in range(MAX_PER_PART):
        application = application.with_document(document(Part.ADDRESS, number))
    assert application.asks is Part.FUNDS, "a full part is done"
    for number in range(MAX_PER_PART, MAX_DOCUMENTS):
        if application.asks is not Part.ADDRESS:
            application = application.begun_anew(Part.ADDRESS)
        application = application.with_document(document(Part.ADDRESS, number))
    application = application.begun_anew(Part.ADDRESS)
    assert reason_of(application.with_document, document(Part.ADDRESS, 99)) is Reason.TOO_MANY_DOCUMENTS


def test_a_part_that_is_begun_anew_is_asked_for_again() -> None:
    application = complete().begun_anew(Part.IDENTITY)
    assert application.asks is Part.IDENTITY and not application.of_part(Part.IDENTITY)
    assert len(application.of_part(Part.SELFIE)) == 1


def test_one_reviewer_at_a_time_until_the_claim_ends() -> None:
    application = in_review().claimed(RITA, NOON, SOON)
    assert reason_of(application.claimed, RUDI, NOON, SOON) is Reason.CLAIMED
    assert application.claimed(RITA, NOON, LATER).claimed_until == LATER
    taken = application.claimed(RUDI, SOON, LATER)
    assert taken.reviewer == RUDI and reason_of(taken.check_claimed, RITA, SOON) is Reason.NOT_CLAIMED
    assert reason_of(application.check_claimed, RITA, SOON) is Reason.NOT_CLAIMED, "a claim that ended is none"
    assert application.released(RITA, NOON).claimed(RUDI, NOON, SOON).reviewer == RUDI


def test_nobody_reviews_their_own_application() -> None:
    application = in_review()
    assert reason_of(application.claimed, ANA, NOON, SOON) is Reason.NOT_ALLOWED
    stolen = application.model_copy(update={"reviewer": ANA, "claimed_until": SOON})
    for call, *arguments in (
        (stolen.approved, ANA, NOON),
        (stolen.refused, ANA, NOON, "why not", LATER),
        (stolen.asked_again, Part.SELFIE, ANA, NOON, "why not", LATER),
        (stolen.looked_at, "selfie0", ANA, NOON, SOON),
    ):
        assert reason_of(call, *arguments) is Reason.NOT_ALLOWED


def test_only_who_looked_at_every_document_approves() -> None:
    application = in_review().claimed(RITA, NOON, SOON)
    assert reason_of(application.approved, RITA, NOON) is Reason.NOT_LOOKED
    for each in application.current[:-1]:
        application = application.looked_at(each.id, RITA, NOON, SOON)
    assert reason_of(application.approved, RITA, NOON) is Reason.NOT_LOOKED
    approved = application.looked_at(application.current[-1].id, RITA, NOON, SOON).approved(RITA, NOON)
    assert (approved.state, approved.decided_by, approved.reviewer) == (KycState.APPROVED, RITA, None)


def test_level_three_takes_two() -> None:
    assert REVIEWERS == {2: 1, 3: 2}
    once = looked_through(in_review(3), RITA).approved(RITA, NOON)
    assert once.state is KycState.REVIEW and [one.by for one in once.approvals] == [RITA]
    assert reason_of(looked_through(once, RITA).approved, RITA, NOON) is Reason.SECOND_REVIEWER
    assert looked_through(once, RUDI).approved(RUDI, NOON).state is KycState.APPROVED


def test_what_is_asked_for_again_ends_earlier_approvals() -> None:
    once = looked_through(in_review(3), RITA).approved(RITA, NOON)
    again = once.claimed(RUDI, NOON, SOON).asked_again(Part.ADDRESS, RUDI, NOON, KycReason.OUT_OF_DATE, LATER)
    assert (again.state, again.asks, again.approvals) == (KycState.OPEN, Part.ADDRESS, ())
    back = again.with_document(document(Part.ADDRESS, 5)).finished(Part.ADDRESS).handed_in()
    assert (back.state, back.again, back.reason) == (KycState.REVIEW, None, "")
    assert reason_of(back.claimed(RITA, NOON, SOON).approved, RITA, NOON) is Reason.NOT_LOOKED


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 301])
def test_a_refusal_says_why(reason: str) -> None:
    application = in_review().claimed(RITA, NOON, SOON)
    assert reason_of(application.refused, RITA, NOON, reason, LATER) is Reason.BAD_REASON
    refused = application.refused(RITA, NOON, " Not   yours ", LATER)
    assert (refused.state, refused.reason, refused.again_from) == (KycState.REFUSED, "Not yours", LATER)


def test_what_is_over_stays_so() -> None:
    over = in_review().ended(KycState.CANCELLED)
    assert reason_of(over.ended, KycState.CANCELLED) is Reason.WRONG_STATE
    assert reason_of(over.claimed, RITA, NOON, SOON) is Reason.WRONG_STATE
    assert reason_of(over.removed().document_of, "selfie0") is Reason.DOCUMENTS_GONE


def test_a_change_is_made_only_on_what_was_read() -> None:
    before = opened()
    change = moved(before, before.ended(KycState.CANCELLED), stamp="ended_at")
    assert change.apply(before.document(), NOON)["ended_at"] == NOON
    raced = before.model_copy(update={"steps": 1}).document()
    assert reason_of(change.apply, raced, NOON) is Reason.CHANGED_MEANWHILE


def test_what_people_are_told_holds_nothing_of_a_document() -> None:
    told = repr(kyc_facts(in_review()))
    assert all(each.id not in told for each in in_review().documents) and "digest" not in told and "key" not in told
