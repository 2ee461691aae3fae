"""One call of the API: what its function is handed."""

from dataclasses import dataclass

from bot.sandbox.stripe.state import Json, State


@dataclass(frozen=True)
class Call:
    """`params` are checked; `key` is the id in the path, empty without one; `web` is the stand-in's address."""

    state: State
    path: str
    key: str
    params: Json
    web: str
