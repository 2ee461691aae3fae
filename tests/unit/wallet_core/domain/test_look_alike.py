"""What looks the same has one skeleton; what does not, has not."""

import pytest

from wallet_core.domain.look_alike import look_alike, skeleton

SAME = [
    ("Ben", "ben"),
    ("Ben", "B e n"),
    ("Ben", "Веn"),
    ("paypal", "раураl"),
    ("Olga", "0lga"),
    ("Olga", "OIga"),
    ("bill", "biII"),
    ("bill_smith", "Bill Smith"),
    ("Martin", "Mаrtιn"),
    ("Tom", "Tοm"),
    ("modern", "rnodern"),
    ("william", "vvilliam"),
    ("José", "Jose"),
    ("Müller", "Muller"),
    ("Łukasz", "lukasz"),
    ("Ben", "Be\u200bn"),
    ("Ben", "\u202eBen"),
    ("Ben", "Ｂｅｎ"),
    ("Straße", "STRASSE"),
    ("sasha", "$asha"),
    ("anna5", "annas"),
    ("ben.k", "ben_k"),
    ("عمر", "عُمر"),
]
DIFFERENT = [("Ben", "Ken"), ("Ana", "Anna"), ("ben", "bend"), ("محمد", "أحمد"), ("李明", "李朋"), ("Иван", "Ирина")]


@pytest.mark.parametrize(("name", "imitation"), SAME)
def test_an_imitation_looks_the_same(name: str, imitation: str) -> None:
    assert skeleton(name) == skeleton(imitation) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_other_names_look_different(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@pytest.mark.parametrize("nothing", ["", " ", "\u200b\u202e", "...", "_-_"])
def test_what_has_no_letters_looks_like_nobody(nothing: str) -> None:
    assert not look_alike((nothing, None), (nothing, None))


def test_names_and_usernames_are_compared_crosswise() -> None:
    assert look_alike(("Somebody", "beп_k"), ("Bеn K", "other")) is look_alike(("Bеn K", None), ("X", "beп_k"))
    assert look_alike(("Bill", "x"), ("y", "BiII"))
    assert not look_alike(("Bill", "x"), ("y", None))
