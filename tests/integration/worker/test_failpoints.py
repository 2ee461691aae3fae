"""The failpoints of the source are exactly the calls that happen: none is forgotten, none is padded."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from payout_worker import failpoints
from tests.faults.scenario import set_up
from tests.faults.world import World
from tests.integration.worker.inside import open_inside


async def test_what_is_declared_is_what_is_passed(empty_world: World) -> None:
    passed: Counter[str] = Counter()

    def note(point: str) -> None:
        passed[point] += 1

    scenario = await set_up(empty_world)
    async with open_inside(empty_world, on_point=note) as inside:
        for _ in range(12):
            await inside.look()
            await inside.pay()
            await scenario.drop_one()
            await empty_world.node.mine()
        assert await scenario.is_done()
        await inside.look(blocks=1)
        last = (await inside.batches())[-1]
        await empty_world.node.reorganise(await empty_world.node.height() - (last.height or 0) + 1)
        await inside.pay()
    assert sorted(passed) == failpoints.declared()


def test_a_port_is_only_ever_reached_by_its_full_name() -> None:
    """An alias would hide a call from the list."""
    folder = Path(failpoints.__file__).parent
    for file in [*(folder / "steps").glob("*.py"), *(folder / "watchers").glob("*.py")]:
        tree = ast.parse(file.read_text())
        called = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        bare = [node for node in ast.walk(tree) if failpoints._is_port(node) and id(node) not in called]
        assert not bare, f"{file.name} passes a port on: {[ast.unparse(node) for node in bare]}"
