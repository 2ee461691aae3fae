"""The style checker finds what is planted, and its ratchet turns one way only."""

import json
from pathlib import Path

import pytest

from tests.style import RATCHET, compare, main, measure, shrunk

GOOD = '''"""A module."""


def act() -> None:
    """Acts."""
'''


def function(name: str, lines: int) -> str:
    """Source of a function that is so many lines long without its docstring."""
    return f'def {name}():\n    """Acts.\n\n    At length.\n    """\n' + "    x = 1\n" * (lines - 1)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    for folder in ("wallet_core", "bot/handlers", "payout_worker", "tests"):
        (tmp_path / folder).mkdir(parents=True)
    plant(tmp_path, "wallet_core/good.py", GOOD)
    return tmp_path


def plant(repo: Path, name: str, text: str) -> None:
    (repo / name).write_text(text)


def test_nothing_is_said_of_good_code(repo: Path) -> None:
    plant(repo, "wallet_core/long_enough.py", '"""A module."""\n' + function("act", 40))
    plant(repo, "bot/handlers/send.py", '"""A module."""\n' + function("act", 25))
    plant(repo, "tests/test_it.py", "def test_it():\n    assert True\n")
    plant(repo, "wallet_core/__init__.py", "")
    assert measure(repo) == {"median of all functions": 25}


@pytest.mark.parametrize(
    ("name", "text", "finding", "measured"),
    [
        ("wallet_core/a.py", '"""A."""\n' + function("act", 41), "wallet_core/a.py: act", 41),
        ("tests/test_a.py", function("test_a", 41), "tests/test_a.py: test_a", 41),
        ("bot/handlers/a.py", '"""A."""\n' + function("act", 26), "bot/handlers/a.py: act", 26),
        ("bot/a.py", '"""A."""\n' + "x = 1\n" * 300, "bot/a.py: file", 301),
        ("wallet_core/a.py", "x = 1\n", "wallet_core/a.py: module has no docstring", 1),
        ("bot/a.py", '"""A."""\ndef act(): ...\n', "bot/a.py: act has no docstring", 1),
        ("bot/a.py", '"""A."""\nclass A:\n  """A."""\n  def act(self): ...\n', "bot/a.py: A.act has no docstring", 1),
        ("bot/a.py", '"""A."""\nclass A: ...\n', "bot/a.py: A has no docstring", 1),
        ("wallet_core/utils.py", GOOD, "wallet_core/utils.py: name that says nothing", 1),
        ("bot/chat_helpers.py", GOOD, "bot/chat_helpers.py: name that says nothing", 1),
        ("tests/base.py", "", "tests/base.py: name that says nothing", 1),
        ("bot/a.py", GOOD + "# TODO later\nx = 1  # FIXME\n", "bot/a.py: work put off in comments", 2),
    ],
)  # fmt: skip
def test_what_is_planted_is_found(repo: Path, name: str, text: str, finding: str, measured: int) -> None:
    plant(repo, name, text)
    assert measure(repo)[finding] == measured


@pytest.mark.parametrize(
    "text",
    [
        '"""A."""\ndef _act(): ...\n',
        '"""A."""\nclass _A:\n    def act(self): ...\n',
        '"""A."""\nclass A:\n    """A."""\n    def __init__(self): ...\n',
        '"""A module that says what TODO means."""\nWORD = "FIXME"\n',
    ],
)
def test_what_is_private_or_only_speaks_of_it_is_left_alone(repo: Path, text: str) -> None:
    plant(repo, "bot/a.py", text)
    assert measure(repo) == {}


def test_many_long_functions_raise_the_median(repo: Path) -> None:
    plant(repo, "bot/a.py", '"""A."""\n' + "".join(function(f"act_{n}", 11) for n in range(5)))
    assert measure(repo)["median of all functions"] == 11


@pytest.mark.parametrize(
    ("found", "allowed", "said"),
    [
        ({}, {}, []),
        ({"a": 5}, {"a": 5}, []),
        ({"a": 5}, {}, ["a: 5, over the limit"]),
        ({"a": 6}, {"a": 5}, ["a: 6, it was 5 and may only shrink"]),
    ],
)
def test_an_excess_may_stay_but_not_grow(found: dict[str, int], allowed: dict[str, int], said: list[str]) -> None:
    assert compare(found, allowed) == said


@pytest.mark.parametrize("found", [{"a": 4}, {}])
def test_what_has_shrunk_must_be_written_down(found: dict[str, int]) -> None:
    (said,) = compare(found, {"a": 5})
    assert "python -m tests.style --update" in said


def test_the_ratchet_turns_one_way(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ratchet = repo / "ratchet.json"
    ratchet.write_text(json.dumps({"tests/test_a.py: act": 50, "tests/gone.py: act": 60}))
    plant(repo, "tests/test_a.py", function("act", 45))
    assert main([], repo, ratchet) == 1
    assert main(["--update"], repo, ratchet) == 0
    assert json.loads(ratchet.read_text()) == {"tests/test_a.py: act": 45}
    plant(repo, "tests/test_a.py", function("act", 46))
    assert main(["--update"], repo, ratchet) == 1
    assert json.loads(ratchet.read_text()) == {"tests/test_a.py: act": 45}
    assert "it was 45 and may only shrink" in capsys.readouterr().out


def test_turning_it_admits_nothing_new() -> None:
    assert shrunk({"a": 5, "b": 9}, {"a": 7, "c": 3}) == {"a": 5}


def test_the_list_holds_no_handler_and_no_work_put_off() -> None:
    left = json.loads(RATCHET.read_text())
    assert not any(where.startswith("bot/handlers/") or "put off" in where for where in left)
