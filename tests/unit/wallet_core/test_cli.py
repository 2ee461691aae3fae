"""``wallet`` on the command line: what a person and what a program reads, and one line for each expected error."""

import json
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from tests.unit.wallet_core.world import World
from wallet_core import cli, command_line, keys
from wallet_core.adapters.seed_file import create_seed_file
from wallet_core.diagnosis import Check
from wallet_core.domain.errors import InvariantViolated, Reason, Refused, Unavailable
from wallet_core.domain.people import Caller, Role
from wallet_core.ports import Ports
from wallet_core.settings import settings_table
from wallet_core.use_cases.change_role import change_role

RUNNER = CliRunner()


def test_settings_are_printed_as_the_page_has_them() -> None:
    result = RUNNER.invoke(cli.app, ["settings"])
    assert result.exit_code == 0
    assert result.output.strip() == settings_table()


@pytest.fixture
def _fast_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "create_seed_file", lambda *given: create_seed_file(*given, scrypt_n=2))


@pytest.mark.usefixtures("_fast_seed")
def test_new_keys_are_listed_with_their_purpose_and_as_json(tmp_path: Path) -> None:
    listed = RUNNER.invoke(cli.app, ["keys", "new", str(tmp_path / "one")])
    assert listed.exit_code == 0
    assert f"{tmp_path}/one/worker/seed.json: the worker alone" in listed.output
    made = json.loads(RUNNER.invoke(cli.app, ["keys", "new", str(tmp_path / "other"), "--json"]).output)
    assert all(Path(path).is_file() for path in made)


@pytest.mark.usefixtures("_fast_seed")
def test_the_public_half_is_printed_anew_for_another_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    RUNNER.invoke(cli.app, ["keys", "new", str(tmp_path / "one")])
    seed_file = str(tmp_path / "one" / "worker" / "seed.json")
    same = RUNNER.invoke(cli.app, ["keys", "public", seed_file])
    assert same.output.strip() == (tmp_path / "one" / "bot" / "public.json").read_text()
    monkeypatch.setenv("LTC_NETWORK", "main")
    anew = json.loads(RUNNER.invoke(cli.app, ["keys", "public", seed_file]).output)
    assert anew["hot"]["LTC"].startswith("ltc1q") and anew["hot"]["BTC"].startswith("bcrt1q")
    monkeypatch.setenv("SEED_PASSPHRASE", "wrong")
    assert RUNNER.invoke(cli.app, ["keys", "public", seed_file]).exit_code == 1


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (Refused(Reason.BAD_AMOUNT, decimals=18), "refused: bad_amount {'decimals': 18}"),
        (Unavailable("the database does not answer"), "not now: the database does not answer"),
        (InvariantViolated("unbalanced"), "stopped: unbalanced"),
        (FileNotFoundError(2, "no such file", "mac.key"), "missing: mac.key - make the keys with `wallet keys new`"),
    ],
)
def test_an_expected_error_is_one_line_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], error: Exception, line: str
) -> None:
    async def fail() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        command_line.run(fail())
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err.strip() == line


def run_doctor(monkeypatch: pytest.MonkeyPatch, *checks: Check, json_: bool = False) -> Any:
    def examined(_settings: object) -> Coroutine[Any, Any, list[Check]]:
        async def answer() -> list[Check]:
            return list(checks)

        return answer()

    monkeypatch.setattr(cli, "diagnose", examined)
    return RUNNER.invoke(cli.app, ["doctor", *(["--json"] if json_ else [])])


def test_doctor_exits_1_only_when_something_has_to_be_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    well, ill = Check("clock", "0.0 s"), Check("worker", "never ran", "start it")
    assert run_doctor(monkeypatch, well).exit_code == 0
    result = run_doctor(monkeypatch, well, ill)
    assert result.exit_code == 1
    assert "start it" in result.output


def test_doctor_tells_programs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run_doctor(monkeypatch, Check("worker", "never ran", "start it"), json_=True)
    assert json.loads(result.output) == [{"what": "worker", "ok": False, "state": "never ran", "mend": "start it"}]


def test_a_role_that_does_not_exist_is_refused_before_anything_is_opened() -> None:
    result = RUNNER.invoke(cli.app, ["admin", "add", "1", "--role", "king"])
    assert result.exit_code == 2


@pytest.fixture
async def funded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wallet in which person 1 got 5 ITD at noon of 22 November."""
    world = World()
    await world.fund(Caller(1), 5)

    @asynccontextmanager
    async def open_ports(_settings: object) -> AsyncIterator[Ports]:
        yield world.ports

    monkeypatch.setattr(command_line, "open_ports", open_ports)


@pytest.mark.usefixtures("funded")
def test_a_statement_is_printed_as_a_table_and_as_json_with_its_end_left_out() -> None:
    def statement(start: str, end: str, *more: str) -> str:
        result = RUNNER.invoke(cli.app, ["statement", "1", "--from", start, "--to", end, *more])
        assert result.exit_code == 0
        return result.output

    table = statement("2026-11-22", "2026-11-23").splitlines()
    assert table[3].startswith("2026-11-22T12:00:00.000Z,test,available,5,,5,test:")
    assert "closing,available,,,0" in statement("2026-11-21", "2026-11-22T12:00:00")
    made = json.loads(statement("2026-11-01", "2026-12-01", "--json"))
    assert (made["closing_minor"], made["lines"][0]["change_minor"]) == ({"available": 5_000_000, "held": 0}, 5_000_000)


@pytest.mark.usefixtures("funded")
def test_a_statement_that_ends_before_it_begins_is_refused() -> None:
    result = RUNNER.invoke(cli.app, ["statement", "1", "--from", "2026-11-22", "--to", "2026-11-22"])
    assert result.exit_code == 1 and "refused: bad_range" in result.stderr
    assert RUNNER.invoke(cli.app, ["statement", "1", "--from", "yesterday", "--to", "today"]).exit_code == 2


@pytest.fixture
async def owned(monkeypatch: pytest.MonkeyPatch) -> World:
    """A wallet with an enrolled owner, 21, who asked for a role for person 1."""
    world = World()
    otto = await world.person(21, "otto", role=Role.OWNER)
    await world.person(1, "ben")
    await change_role(world.ports, otto, 1, Role.FINANCE, await world.code(otto))

    @asynccontextmanager
    async def open_ports(_settings: object) -> AsyncIterator[Ports]:
        yield world.ports

    monkeypatch.setattr(command_line, "open_ports", open_ports)
    return world


@pytest.mark.usefixtures("owned")
def test_an_operator_is_the_second_pair_of_eyes_and_breaks_glass_with_a_reason() -> None:
    (asked,) = json.loads(RUNNER.invoke(cli.app, ["approvals", "list", "--json"]).output)
    assert (asked["kind"], asked["subject"], asked["asked_by"]) == ("role", "1", 21)
    done = RUNNER.invoke(cli.app, ["approvals", "approve", asked["id"]])
    assert done.exit_code == 0 and "approved" in done.output
    refused = RUNNER.invoke(cli.app, ["admin", "remove", "1"])
    assert refused.exit_code == 1 and "owner_exists" in refused.stderr
    assert RUNNER.invoke(cli.app, ["admin", "add", "1", "--role", "owner", "--break-glass", "fire"]).exit_code == 0
    listed = json.loads(RUNNER.invoke(cli.app, ["admin", "list", "--json"]).output)
    assert [(one["person"], one["role"], one["counts"]) for one in listed] == [(1, "owner", True), (21, "owner", True)]
