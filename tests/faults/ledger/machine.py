"""The rules by which the ledger is tried, in any order: Hypothesis chooses, the books compare."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.faults.ledger.books import COMMIT, books_of
from tests.faults.ledger.samples import PEOPLE
from tests.faults.ledger.wire import Moment
from tests.support.databases import Databases

#: What every trial must have done.
RULES = (
    "move", "post again", "post other content", "overdraw", "post group", "post many", "share", "cross freezes",
    "post past", "crash", "interrupt",
)  # fmt: skip
#: One number a step: what is done with it depends on nothing that MongoDB does, so that a seed gives the same steps.
DICE = st.integers(0, 2**32 - 1)
_COMMANDS = (COMMIT, COMMIT, "insert", "update", "find")
_STEP_SECONDS = 120
#: Of each server: a life's database takes longer to make than its steps.
_DATABASES: defaultdict[str, Databases] = defaultdict(Databases)


@dataclass
class Tally:
    """How many steps of each rule ran, what was answered, what was accepted, and what was found wrong."""

    steps: Counter[str] = field(default_factory=Counter)
    #: Where crashes and interruptions cut the wire.
    cuts: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    #: The first is of the run that counts: Hypothesis plays what failed once more.
    alarms: list[str] = field(default_factory=list)
    #: The steps of the present life.
    life: list[str] = field(default_factory=list)
    #: Hears of every step.
    progress: Callable[[], None] = lambda: None


class LedgerMachine(RuleBasedStateMachine):
    """One life of the books; afterwards they are closed and verified."""

    def __init__(self, uri: str, tally: Tally) -> None:
        super().__init__()
        self._tally = tally
        self._tally.life.clear()
        self._broken = False
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self._stack = AsyncExitStack()
        self._books = self._run(self._stack.enter_async_context(books_of(uri, _DATABASES[uri])))

    @rule(dice=DICE)
    def move(self, dice: int) -> None:
        """One movement of any kind."""
        chance = self._step("move", dice)
        self._run(self._books.post(self._books.postings.movement(chance), through=chance.randrange(2)))

    @rule(dice=DICE)
    def post_again(self, dice: int) -> None:
        """A key of long ago, with the same content."""
        chance = self._step("post again", dice)
        self._run(self._books.post(*self._books.earlier(chance), through=chance.randrange(2)))

    @rule(dice=DICE)
    def post_other_content(self, dice: int) -> None:
        """A key of long ago, with other content."""
        chance = self._step("post other content", dice)
        changed = [self._books.postings.with_other_content(chance, posting) for posting in self._books.earlier(chance)]
        self._run(self._books.post(*changed, through=chance.randrange(2)))

    @rule(dice=DICE)
    def overdraw(self, dice: int) -> None:
        """More than there is."""
        chance = self._step("overdraw", dice)
        self._run(self._books.post(self._books.uncovered(chance), through=chance.randrange(2)))

    @rule(dice=DICE)
    def post_group(self, dice: int) -> None:
        """Many at once through one ledger."""
        chance = self._step("post group", dice)
        self._run(self._books.post(*self._books.mixed(chance, 60), through=chance.randrange(2)))

    @rule(dice=DICE)
    def post_many(self, dice: int) -> None:
        """A mass movement."""
        chance = self._step("post many", dice)
        self._run(self._books.post_many(self._books.mixed(chance, 60), through=chance.randrange(2)))

    @rule(dice=DICE)
    def share(self, dice: int) -> None:
        """Many at once through two ledgers."""
        chance = self._step("share", dice)
        self._run(self._books.share(self._books.mixed(chance, 30), chance))

    @rule()
    def cross_freezes(self) -> None:
        """Two guards that rely on each other."""
        self._step("cross freezes", 0)
        self._run(self._books.cross_freezes())

    @rule(dice=DICE)
    def post_past(self, dice: int) -> None:
        """Many at once, some of which somebody else's transaction is in the way of."""
        chance = self._step("post past", dice)
        self._run(self._books.post_past(chance.choice(PEOPLE), self._books.mixed(chance, 20)))

    @rule(dice=DICE)
    def crash(self, dice: int) -> None:
        """A process dies in the middle of a group."""
        self._broken_off("crash", dice, self._books.crash)

    @rule(dice=DICE)
    def interrupt(self, dice: int) -> None:
        """A connection breaks in the middle of a group."""
        self._broken_off("interrupt", dice, self._books.interrupt)

    @invariant()
    def the_books_are_the_models(self) -> None:
        """After every step."""
        self._run(self._books.check())

    def teardown(self) -> None:
        """Closes the books, unless they were found wrong already."""
        try:
            if not self._broken:
                self._run(self._books.close())
            self._tally.answers.update(self._books.answers)
            self._tally.kinds.update(posting.kind.rstrip("!") for posting in self._books.model.posted.values())
        finally:
            self._runner.run(self._stack.aclose())
            self._runner.close()

    def _broken_off(self, name: str, dice: int, how: Callable[..., Coroutine[Any, Any, bool]]) -> None:
        chance = self._step(name, dice)
        command, moment = chance.choice(_COMMANDS), chance.choice(tuple(Moment))
        cut = self._run(how(self._books.mixed(chance, 20), command, moment))
        self._tally.cuts[f"{name} {moment} {command}" if cut else f"{name}: no {command} came"] += 1

    def _step(self, name: str, dice: int) -> Random:
        self._tally.steps[name] += 1
        self._tally.life.append(f"{name} {dice}")
        self._tally.progress()
        return Random(dice)

    def _run(self, step: Coroutine[Any, Any, Any]) -> Any:
        try:
            return self._runner.run(asyncio.wait_for(step, _STEP_SECONDS))
        except BaseException as error:
            self._broken = True
            self._tally.alarms.append(f"{type(error).__name__}: {error}\nafter {', '.join(self._tally.life)}")
            raise


def try_ledger(uri: str, *, steps: int, lives: int, seed: int, tally: Tally) -> None:
    """Plays so many steps in each of so many lives; raises what the books found wrong, once it was found again."""

    @hypothesis.seed(seed)
    def life() -> LedgerMachine:
        return LedgerMachine(uri, tally)

    chosen = settings(
        max_examples=lives,
        stateful_step_count=steps,
        phases=(Phase.generate,),
        deadline=None,
        database=None,
        suppress_health_check=tuple(HealthCheck),
    )
    run_state_machine_as_test(life, settings=chosen)
