"""What can be known of the images without a container engine."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.sandbox.environment import BOT_ONLY, WORKER_ONLY
from wallet_core.settings import Settings

ROOT = Path(__file__).parents[4]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["bot", "worker", "migrate"])
def test_our_containers_are_locked_down(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["stop_signal"] == "SIGTERM"
    assert isinstance(service["command"], list), "a shell in between would swallow the SIGTERM"


@pytest.mark.parametrize("name", ["bot", "worker"])
def test_a_process_has_more_time_to_stop_than_it_takes_and_is_asked_whether_it_lives(name: str) -> None:
    service = SERVICES[name]
    assert service["stop_grace_period"] == "60s"
    check = service["healthcheck"]
    assert "/livez" in check["test"][-1]
    # A loop that is stuck is answered with 503, and urlopen raises for that.
    assert "urlopen" in check["test"][-1]
    assert service["environment"][f"{name.upper()}_HEALTH_PORT"] in check["test"][-1]


@pytest.mark.parametrize("name", ["bitcoind", "litecoind"])
def test_a_coin_node_is_there_only_when_it_is_asked_for(name: str) -> None:
    service = SERVICES[name]
    assert len(service["profiles"]) == 1
    assert service["command"][0] == name
    assert service["stop_signal"] == "SIGTERM" and service["stop_grace_period"] == "10m"
    assert "-walletbroadcast=0" in service["command"]
    assert "ports" not in service
    assert not [flag for flag in service["command"] if "password" in flag or "rpcauth" in flag]


def test_only_the_worker_reaches_the_nodes() -> None:
    nodes = COMPOSE["networks"]["nodes"]
    assert nodes["internal"] is True
    subnet = nodes["ipam"]["config"][0]["subnet"]
    beside = {name for name, service in SERVICES.items() if "nodes" in service["networks"]}
    assert beside == {"worker", "bitcoind", "litecoind"}
    for name in ("bitcoind", "litecoind"):
        assert f"-rpcallowip={subnet}" in SERVICES[name]["command"]
        assert "inside" not in SERVICES[name]["networks"]


def test_only_the_worker_gets_the_seed() -> None:
    assert "./secrets/keys/bot:/keys:ro" in SERVICES["bot"]["volumes"]
    assert not [volume for volume in SERVICES["bot"]["volumes"] if "worker" in volume]
    assert SERVICES["bot"]["env_file"] == ["secrets/bot.env"]
    assert "./secrets/keys/worker:/keys:ro" in SERVICES["worker"]["volumes"]
    assert SERVICES["worker"]["env_file"] == ["secrets/worker.env"]


def test_the_compose_file_itself_gives_neither_what_only_the_other_needs() -> None:
    assert not WORKER_ONLY & SERVICES["bot"]["environment"].keys()
    assert not BOT_ONLY & SERVICES["worker"]["environment"].keys()


def test_every_variable_in_the_images_is_a_setting() -> None:
    settings = {name.upper() for name in Settings.model_fields}
    named = {name for service in SERVICES.values() for name in service.get("environment", {})}
    named |= set(re.findall(r"^\s*(?:ENV )?((?:WALLET|WORKER|BOT)_[A-Z_]+)=", DOCKERFILE, re.MULTILINE))
    assert len(named) >= 5
    assert named <= settings


def test_the_database_is_reached_from_inside_only_and_makes_its_set_itself() -> None:
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["mongo"]["networks"] == ["inside"]
    assert "ports" not in SERVICES["mongo"]
    script = SERVICES["mongo"]["healthcheck"]["test"][-1]
    assert "rs.initiate(" in script
    assert "\n" not in script.strip()


def test_the_wallet_waits_for_a_healthy_database_and_its_schema() -> None:
    for name in ("bot", "worker"):
        waits = SERVICES[name]["depends_on"]
        assert waits["mongo"]["condition"] == "service_healthy"
        assert waits["migrate"]["condition"] == "service_completed_successfully"


def test_named_volumes_exist() -> None:
    named = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert {name for name in named if not name.startswith("./")} == set(COMPOSE["volumes"])


def test_the_image_runs_as_nobody_special_and_takes_signals() -> None:
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^STOPSIGNAL SIGTERM$", DOCKERFILE, re.MULTILINE)
    assert re.search(r'^CMD \["python", "-m", "bot"\]$', DOCKERFILE, re.MULTILINE)
    assert "--require-hashes" in DOCKERFILE


def test_what_the_image_copies_is_what_the_ignore_file_lets_in() -> None:
    copied = {word for line in re.findall(r"^COPY (?!--)(.+) \S+$", DOCKERFILE, re.MULTILINE) for word in line.split()}
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    assert copied == {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore


def test_the_locks_hold_hashes_and_no_addresses() -> None:
    for name in ("requirements.lock", "requirements.runtime.lock"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        pins = re.findall(r"^[A-Za-z0-9._-]+==.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^[A-Za-z0-9]", text, re.MULTILINE))
