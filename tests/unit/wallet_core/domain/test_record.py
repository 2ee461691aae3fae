"""Records: what is stored comes back as it was."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from wallet_core.domain.record import Record


class Cup(Record):
    collection: ClassVar[str] = "cups"

    id: str
    tea_minor: int
    sips: tuple[int, ...] = ()


def test_the_id_is_stored_under_the_name_that_mongodb_has_for_it() -> None:
    assert Cup(id="a", tea_minor=3).document() == {"_id": "a", "tea_minor": 3, "sips": ()}


def test_a_record_survives_the_way_into_the_database_and_back() -> None:
    cup = Cup(id="a", tea_minor=3, sips=(1, 2))
    assert Cup.of(cup.document()) == cup
    assert Cup.of({"_id": "a", "tea_minor": 3, "sips": [1, 2]}) == cup


def test_fields_of_the_ledger_or_of_a_later_version_do_not_disturb_a_reader() -> None:
    assert Cup.of({"_id": "a", "tea_minor": 3, "version": 7, "sugar": True}) == Cup(id="a", tea_minor=3)


def test_a_record_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        Cup(id="a", tea_minor=3).tea_minor = 4  # type: ignore[misc]  # it must fail


def test_a_document_that_lacks_a_field_is_not_taken_for_a_record() -> None:
    with pytest.raises(ValidationError):
        Cup.of({"_id": "a"})
