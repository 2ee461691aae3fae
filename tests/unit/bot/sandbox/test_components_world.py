"""The parts of the starter that need no server: amounts, folders, settings, the guard against real secrets."""

import shlex
import stat
from pathlib import Path

import pytest

from bot.sandbox import funding
from bot.sandbox.chains.amounts import coins_of, minor_of
from bot.sandbox.environment import BOT_ONLY, WORKER_ONLY, Servers, environments, process_environment
from bot.sandbox.folder import Folder, FolderError, opened
from bot.sandbox.secrets_guard import findings
from bot.sandbox.starter import Options, StartError
from bot.sandbox.world import HookError
from wallet_core.settings import Settings

NODES = {"eth": "http://127.0.0.1:2", "btc": "http://127.0.0.1:5"}
SERVERS = Servers(8090, "mongodb://127.0.0.1:1/?replicaSet=rs0", NODES, 3, 4)


@pytest.mark.parametrize(
    ("text", "decimals", "minor"),
    [
        ("1", 18, 10**18),
        ("0.015", 18, 15 * 10**15),
        ("0.000000000000000001", 18, 1),
        ("999999999.000000000000000001", 18, 999999999 * 10**18 + 1),
        ("0.00000001", 8, 1),
        ("21000000.00000001", 8, 21 * 10**14 + 1),
    ],
)
def test_coins_are_read_and_written_exactly(text: str, decimals: int, minor: int) -> None:
    assert minor_of(text, decimals) == minor
    assert coins_of(minor, decimals) == text


@pytest.mark.parametrize("text", ["", "0", "0.0", "-1", "+1", "1e3", ".5", "1.", "1_0", "١", "NaN", "0." + "1" * 19])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(HookError):
        minor_of(text, 18)


def test_less_than_a_satoshi_is_refused() -> None:
    with pytest.raises(HookError, match="at most 8 decimals"):
        minor_of("0.000000001", 8)


@pytest.mark.parametrize(
    "environment",
    [
        {"ANY": "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"},
        {"STRIPE_KEY": "sk_live_51H"},
        {"STRIPE_KEY": "rk_live_51H"},
        {"MONGODB_URI": "mongodb://user:word@db.example.com/?replicaSet=rs0"},
        {"MONGODB_URI": "mongodb+srv://localhost/"},
        {"MONGODB_URI": "mongodb://127.0.0.1:27017,db2.example.com:27017/"},
        {"MONGODB_URI": "mongodb://127.0.0.1@db.example.com/"},
        {"ETH_RPC_URL": "https://mainnet.example.com/v3/key"},
        {"TELEGRAM_API_BASE_URL": "https://api.telegram.org/bot"},
        {"SEED": "xprv9s21ZrQH143K" + "a" * 95},
        {"WALLET_ENV": "production"},
    ],
)
def test_an_environment_of_the_real_world_is_found_and_its_secret_not_repeated(environment: dict[str, str]) -> None:
    found = findings(environment)
    assert len(found) == 1
    assert next(iter(environment.values())) not in found[0]


def test_the_sandboxs_own_settings_are_no_finding(tmp_path: Path) -> None:
    assert findings(environments(Folder(tmp_path), SERVERS, {}).operator) == []
    assert findings({"MONGODB_URI": "mongodb://127.0.0.1:1,localhost:2,[::1]:3/?replicaSet=x", "PATH": "/bin"}) == []


def test_neither_process_sees_what_only_the_other_needs(tmp_path: Path) -> None:
    made = environments(Folder(tmp_path), SERVERS, {})
    given = dict.fromkeys([*WORKER_ONLY, *BOT_ONLY], "from outside")
    bot, worker = process_environment(made.bot, given), process_environment(made.worker, given)
    assert not WORKER_ONLY & bot.keys()
    assert not BOT_ONLY & worker.keys()
    assert made.bot["WALLET_KEYS_DIR"] != made.worker["WALLET_KEYS_DIR"]


def test_the_worker_alone_gets_the_nodes_and_a_chain_without_one_gets_no_address(tmp_path: Path) -> None:
    made = environments(Folder(tmp_path), SERVERS, {"BTC_NETWORK": "main", "LTC_FINAL_DEPTH": "9"})
    assert (made.worker["BTC_RPC_URL"], made.worker["LTC_RPC_URL"]) == (NODES["btc"], "")
    assert (made.bot["BTC_NETWORK"], made.bot["LTC_NETWORK"]) == ("regtest", "regtest")
    assert (made.worker["BTC_FINAL_DEPTH"], made.worker["LTC_FINAL_DEPTH"]) == ("3", "9")
    assert not [name for name in made.bot if "RPC" in name]


def test_the_coins_settings_are_read_by_the_wallet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environments(Folder(tmp_path), SERVERS, {}).worker.items():
        monkeypatch.setenv(name, value)
    btc = Settings().btc
    assert (btc.rpc_url, btc.rpc_user, btc.network) == (NODES["btc"], "wallet", "regtest")
    assert (btc.confirmations, btc.large_confirmations, btc.final_depth) == (1, 2, 3)
    assert (btc.batch_interval_seconds, btc.bump_after_seconds) == (10, 60)


def test_the_note_of_a_sandbox_that_knew_ether_alone_is_still_read(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.funding.write_text('{"txid": "0x1", "booked": true}')
    assert funding._read(folder) == {"ETH": {"txid": "0x1", "booked": True}}


def test_a_wait_that_a_person_chose_wins(tmp_path: Path) -> None:
    assert environments(Folder(tmp_path), SERVERS, {"INVOICE_SECONDS": "7"}).bot["INVOICE_SECONDS"] == "7"


def test_the_env_files_are_private_and_read_back_by_a_shell(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    made = environments(folder, SERVERS, {})
    made.write(folder)
    file = folder.env_file("sandbox")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert dict(item.split("=", 1) for item in shlex.split(file.read_text())) == dict(made.operator)


def test_a_folder_with_other_things_in_it_is_never_taken_nor_emptied(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FolderError, match="no sandbox's folder"):
        opened(tmp_path)


def test_a_second_sandbox_in_one_folder_is_refused(tmp_path: Path) -> None:
    _folder, lock = opened(tmp_path / "data")
    with lock, pytest.raises(FolderError, match="another sandbox runs"):
        opened(tmp_path / "data")


def test_a_reset_takes_all_that_belongs_together_and_leaves_the_rest(tmp_path: Path) -> None:
    folder, lock = opened(tmp_path / "data")
    with lock:
        for part in (folder.chats, folder.chains, folder.mongodb, folder.keys, folder.worker, folder.logs):
            part.mkdir()
        folder.funding.write_text("{}")
        assert folder.is_used
        folder.reset()
        assert sorted(path.name for path in folder.root.iterdir()) == ["SANDBOX", "logs"]


def test_options_come_from_the_environment() -> None:
    options = Options.of({"SANDBOX_PORT": "1234", "SANDBOX_BLOCK_SECONDS": "0", "SANDBOX_RESET": "1"})
    assert (options.web_port, options.block_seconds, options.reset) == (1234, 0.0, True)
    assert Options.of({}) == Options(Path("data/sandbox"), 8090, 2.0, False)
    with pytest.raises(StartError):
        Options.of({"SANDBOX_PORT": "many"})
