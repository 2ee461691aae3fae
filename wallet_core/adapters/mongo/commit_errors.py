"""What an error of MongoDB means for the group of postings that met it."""

from __future__ import annotations

from enum import Enum, auto
from typing import Any, Final

from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError, WriteConcernError

_DUPLICATE_KEY: Final = 11_000
#: Another transaction has written the document, or this one took longer than the server lets it.
_IN_THE_WAY: Final = frozenset({112, 251})
#: What the server will never take: a bad value, a wrong type, a validator's no, a document that is too large, a field
#: or a key that cannot be. Any other error may pass by itself.
_REFUSALS: Final = frozenset({2, 9, 14, 52, 57, 121, 10_334, 17_280, 17_419, 17_420})


class Trouble(Enum):
    """What stands between a group and its commit."""

    #: A rival's locks or its commit: the group is decided anew.
    CONFLICT = auto()
    #: What is unique was inserted since the snapshot: the next reading sees it.
    DUPLICATE = auto()
    #: The commit may have happened: the keys tell.
    UNKNOWN = auto()
    #: A failover, a lost connection: nothing was committed.
    TRANSIENT = auto()
    #: The database does not take it and never will.
    REFUSAL = auto()
    #: Anything else: nothing was committed, and it may pass.
    OTHER = auto()


#: So often each is met before the group is given up as it is.
MOST: Final = {
    Trouble.CONFLICT: 7,
    Trouble.DUPLICATE: 4,
    Trouble.UNKNOWN: 4,
    Trouble.TRANSIENT: 40,
    Trouble.REFUSAL: 1,
    Trouble.OTHER: 3,
}


class UnknownCommitError(Exception):
    """The commit was asked for, and no answer tells whether it happened."""


class GaveUpError(Exception):
    """A group met the same trouble too often."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.name)
        self.trouble = trouble


def trouble_of(error: PyMongoError | UnknownCommitError) -> Trouble:
    """What the error means."""
    if isinstance(error, UnknownCommitError):
        return Trouble.UNKNOWN
    codes = _codes(error)
    if _DUPLICATE_KEY in codes:
        return Trouble.DUPLICATE
    if codes & _IN_THE_WAY:
        return Trouble.CONFLICT
    if error.has_error_label("TransientTransactionError"):
        return Trouble.TRANSIENT
    return Trouble.REFUSAL if codes & _REFUSALS else Trouble.OTHER


def is_commit_unknown(error: PyMongoError) -> bool:
    """Whether a commit that raised this may have happened: only with this label it certainly did not."""
    return isinstance(error, WriteConcernError) or not error.has_error_label("TransientTransactionError")


def _codes(error: PyMongoError) -> set[Any]:
    """Of the error itself, or of the writes of a bulk."""
    if isinstance(error, BulkWriteError):
        return {write["code"] for write in error.details["writeErrors"]}
    return {error.code} if isinstance(error, OperationFailure) else set()
