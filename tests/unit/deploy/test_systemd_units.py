"""The systemd units: what systemd itself says of them, and that they say what the two processes need."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from payout_worker.process import MUST_NOT_START
from payout_worker.signals import SIGNALS
from wallet_core.settings import Settings

ROOT = Path(__file__).parents[3]
NAMES = ("itd-wallet-worker", "itd-wallet-bot")
PYTHON = "/opt/itd-wallet/.venv/bin/python"
#: In systemd's own scale from 0 to 10, times ten.
MOST_EXPOSED = 20
UNSET = ("CapabilityBoundingSet", "AmbientCapabilities")
CAGE = {
    "NoNewPrivileges": "true",
    "ProtectSystem": "strict",
    "ProtectHome": "true",
    "PrivateTmp": "true",
    "PrivateDevices": "true",
    "UMask": "0077",
    "LimitCORE": "0",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "SystemCallArchitectures": "native",
    **dict.fromkeys(UNSET, ""),
}


def unit(name: str) -> dict[str, list[str]]:
    """What each key of a unit is set to, in order."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "deploy" / f"{name}.service").read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


def environment(name: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in unit(name)["Environment"])


@pytest.mark.parametrize("name", NAMES)
def test_a_unit_is_one_that_systemd_understands(name: str, tmp_path: Path) -> None:
    text = (ROOT / "deploy" / f"{name}.service").read_text()
    assert re.findall(r"^\[(\w+)\]$", text, re.MULTILINE) == ["Unit", "Service", "Install"]
    assert all(re.fullmatch(r"#.*|\[\w+\]|[A-Z]\w+=.*|", line) for line in text.splitlines())
    analyze = shutil.which("systemd-analyze")
    if analyze is not None:
        there = tmp_path / f"{name}.service"
        there.write_text(text.replace(PYTHON, sys.executable))
        assert _says(analyze, "verify", str(there)) == ""
        _says(analyze, "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(there))


def _says(*command: str) -> str:
    """What it complains about. Fails when it exits with an error."""
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stderr


@pytest.mark.parametrize("name", NAMES)
def test_a_process_is_asked_to_stop_in_the_way_that_it_understands(name: str) -> None:
    service = unit(name)
    assert service["KillSignal"] == ["SIGTERM"]
    assert "SIGTERM" in {number.name for number in SIGNALS}
    # Only the process itself is asked: a child of it would die of the signal.
    assert service["KillMode"] == ["mixed"]
    assert int(service["TimeoutStopSec"][0]) > 5
    assert service["Type"] == ["exec"]


@pytest.mark.parametrize("name", NAMES)
def test_what_an_operator_has_to_mend_is_not_started_again(name: str) -> None:
    service = unit(name)
    assert service["Restart"] == ["on-failure"]
    assert service["RestartPreventExitStatus"] == [str(MUST_NOT_START)]
    assert service["StartLimitIntervalSec"] == ["0"]


@pytest.mark.parametrize("name", NAMES)
def test_a_process_is_caged(name: str) -> None:
    service = unit(name)
    assert {key: service[key] for key in CAGE} == {key: [value] for key, value in CAGE.items()}


def test_only_the_worker_gets_the_seed_and_only_the_bot_the_vault() -> None:
    given = {name: {pair.split(":")[0] for pair in unit(name)["LoadCredential"]} for name in NAMES}
    assert given["itd-wallet-worker"] == {"seed.json", "mac.key", "public.json"}
    assert given["itd-wallet-bot"] == {"vault.json", "mac.key", "public.json"}
    files = [unit(name)["EnvironmentFile"] for name in NAMES]
    assert files == [["/etc/itd-wallet/worker.env"], ["/etc/itd-wallet/bot.env"]]
    assert len({unit(name)["User"][0] for name in NAMES}) == 2


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_is_a_setting_and_every_folder_the_units_own(name: str) -> None:
    service, variables = unit(name), environment(name)
    assert variables.keys() <= {field.upper() for field in Settings.model_fields}
    assert variables["WALLET_ENV"] == "production"
    # The folder of the credentials.
    assert variables["WALLET_KEYS_DIR"] == "%d"
    folder = f"/var/lib/{service['StateDirectory'][0]}"
    assert {value for key, value in variables.items() if key.endswith(("DATA_DIR", "STATE_DIR"))} == {folder}
    assert service["StateDirectoryMode"] == ["0700"]
