"""Sealed files: they open whole, for whom they were sealed, or not at all."""

import os

import pytest

from wallet_core.adapters.sealed_file import open_file, seal_file, sealed_bytes
from wallet_core.domain.errors import InvariantViolated

KEY = b"k" * 32
#: What stands before the pieces, and how long a sealed piece is.
HEAD, PIECE = 33, 65_536 + 16


def test_a_file_opens_as_it_was_whatever_its_length() -> None:
    for length in (0, 1, 65_535, 65_536, 65_537, 200_000):
        content = os.urandom(length)
        sealed = seal_file(content, key=KEY, bound_to="ana")
        assert open_file(sealed, key=KEY, bound_to="ana") == content and len(sealed) == sealed_bytes(length)


def test_the_same_file_is_sealed_differently_each_time() -> None:
    assert seal_file(b"same", key=KEY, bound_to="ana") != seal_file(b"same", key=KEY, bound_to="ana")


def spoilt() -> dict[str, bytes]:
    """A file of four pieces, harmed in each way."""
    sealed = seal_file(bytes(200_000), key=KEY, bound_to="ana")
    other = seal_file(bytes(200_000), key=KEY, bound_to="ana")
    first, second = slice(HEAD, HEAD + PIECE), slice(HEAD + PIECE, HEAD + 2 * PIECE)
    flipped = bytearray(sealed)
    flipped[HEAD + 70_000] ^= 1
    return {
        "a bit is turned": bytes(flipped),
        "two pieces are swapped": sealed[:HEAD] + sealed[second] + sealed[first] + sealed[HEAD + 2 * PIECE :],
        "a piece is left out": sealed[:HEAD] + sealed[second] + sealed[HEAD + 2 * PIECE :],
        "the last piece is cut off": sealed[: HEAD + 3 * PIECE],
        "the end is cut off": sealed[:-1],
        "a piece is another file's": sealed[:HEAD] + other[first] + sealed[HEAD + PIECE :],
        "the head is another file's": other[:HEAD] + sealed[HEAD:],
        "something is put behind it": sealed + sealed[first],
        "it is empty": b"",
        "it is of another kind": b"\x02" + sealed[1:],
    }


@pytest.mark.parametrize("how", spoilt())
def test_a_file_that_was_harmed_does_not_open(how: str) -> None:
    with pytest.raises(InvariantViolated):
        open_file(spoilt()[how], key=KEY, bound_to="ana")


def test_a_file_opens_for_nobody_else() -> None:
    sealed = seal_file(b"secret", key=KEY, bound_to="ana")
    for key, bound_to in ((KEY, "ben"), (b"x" * 32, "ana"), (KEY, "")):
        with pytest.raises(InvariantViolated):
            open_file(sealed, key=key, bound_to=bound_to)
