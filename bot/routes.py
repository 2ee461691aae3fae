"""What a route is: one thing that a person can do, the function that does it, and who may."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.actions import Action, Question
from bot.context import Turn
from wallet_core.domain.errors import Reason
from wallet_core.domain.people import Access

Handler = Callable[[Turn], Awaitable[None]]


class Kind(StrEnum):
    """How a route is reached."""

    #: ``/name``
    COMMAND = "command"
    #: A button whose tap has this action.
    BUTTON = "button"
    #: A message while a draft with this action waits.
    ANSWER = "answer"
    #: Any other message of this kind.
    MESSAGE = "message"
    #: Inline mode in any chat; the handler itself tells what did not work, since there is no card to tell it on.
    INLINE = "inline"
    #: A command that replies in a group; the same goes for it.
    GROUP = "group"


#: What inline mode brings: a query, a suggestion that was posted, the button below it.
TYPED: Final = "typed"
CHOSEN: Final = "chosen"
PRESSED: Final = "pressed"
#: A tip by reply.
TIP: Final = "tip"
#: The kinds of message that have a route of their own.
CONTACT: Final = "contact"
DOCUMENT: Final = "document"
PICTURE: Final = "picture"
STRAY_CODE: Final = "stray_code"
ANYTHING: Final = "anything"


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table in ``bot.app``."""

    kind: Kind
    name: str
    run: Handler
    access: Access = Access.ENROLLED
    #: BUTTON: does something that is done once; then all buttons of its card are used up.
    once: bool = False
    #: ANSWER: takes a 6-digit code and nothing else.
    code: bool = False
    #: ANSWER: the message is deleted at once, whatever it says.
    secret: bool = False
    #: ANSWER: refusals that another message can mend, so that the question stays open.
    mends: frozenset[Reason] = frozenset()
    #: ANSWER: a shared contact answers as well.
    takes_contact: bool = False
    #: ANSWER: and so does a person who was chosen from Telegram's own list.
    takes_person: bool = False
    #: ANSWER: a picture or a document answers as well.
    takes_file: bool = False


#: What another code mends.
_CODE: Final = frozenset({Reason.WRONG_CODE, Reason.CODE_USED, Reason.CODE_LOCKED})


def command(name: str, run: Handler, access: Access = Access.ENROLLED) -> Route:
    """What is typed after a slash."""
    return Route(Kind.COMMAND, name, run, access)


def shows(action: Action, run: Handler, access: Access = Access.ENROLLED) -> Route:
    """A button that only shows something, and may be pressed again."""
    return Route(Kind.BUTTON, action, run, access)


def does(action: Action, run: Handler, access: Access = Access.ENROLLED) -> Route:
    """A button that does something once."""
    return Route(Kind.BUTTON, action, run, access, once=True)


def answer(
    question: Question,
    run: Handler,
    mends: frozenset[Reason],
    *,
    takes_contact: bool = False,
    access: Access = Access.ENROLLED,
) -> Route:
    """The answer to a question; ``mends``: refusals after which it stays open."""
    return Route(Kind.ANSWER, question, run, access, mends=mends, takes_contact=takes_contact)


def code(
    question: Question, run: Handler, access: Access = Access.ENROLLED, *, mends: frozenset[Reason] = _CODE
) -> Route:
    """The answer to a question for a 6-digit code."""
    return Route(Kind.ANSWER, question, run, access, code=True, secret=True, mends=mends)


class Table:
    """The routes, found by how they are reached."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self.all = routes
        self._routes = {(route.kind, route.name): route for route in routes}
        if len(self._routes) != len(routes):
            raise ValueError("two routes have the same kind and name")

    def of(self, kind: Kind, name: str) -> Route:
        """The route of this kind and name; what is unknown is not understood."""
        return self._routes.get((kind, name)) or self._routes[Kind.MESSAGE, ANYTHING]

    def commands(self) -> tuple[Route, ...]:
        """The routes of commands."""
        return tuple(route for route in self.all if route.kind is Kind.COMMAND)
