"""Settings: what they demand, and what must not be left as it is in production."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from tests.unit.wallet_core.world import ITD
from wallet_core.domain.money import Asset
from wallet_core.domain.network import NETWORKS
from wallet_core.settings import (
    BitcoinLikeSettings,
    Environment,
    HotSettings,
    Process,
    Settings,
    SweepSettings,
    settings_table,
)

#: Settings with which a production wallet may start.
SAFE = {
    "wallet_env": "production",
    "telegram_bot_token": "123456:not-the-sandboxs",
    "seed_passphrase": "long and random",
    "mongodb_uri": "mongodb://a,b,c/?replicaSet=rs0",
    "rates_urls": "https://one.example/{symbol} https://two.example/{symbol}",
    "eth_chain_id": 1,
    "eth_final_depth": 12,
    "new_address_wait_seconds": 86_400,
    "recovery_wait_seconds": 259_200,
}
AMOUNTS = ("min_send", "send_totp_above", "min_purchase", "min_withdrawal", "withdrawal_fee_eth", "review_above")


def test_a_production_wallet_with_everything_set_may_start() -> None:
    assert Settings(**SAFE).unsafe_in_production(Process.OPERATOR) == []


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("telegram_bot_token", "1:sandbox"),
        ("seed_passphrase", "sandbox"),
        ("mongodb_uri", ""),
        ("rates_urls", "http://127.0.0.1:8090/ticker/a?symbol={symbol}"),
        ("rates_urls", "https://one.example/{symbol} http://two.example/{symbol}"),
        ("rates_urls", "https://one.example/{symbol}"),
        ("rates_urls", "https://one.example/{symbol} https://one.example/v2/{coin}-USD#data.amount"),
        ("eth_chain_id", 31337),
        ("eth_chain_id", 1337),
        ("eth_final_depth", 11),
        ("new_address_wait_seconds", 3_599),
        ("recovery_wait_seconds", 86_399),
    ],
)
def test_one_sandbox_value_left_in_production_is_named(setting: str, value: object) -> None:
    (finding,) = Settings(**{**SAFE, setting: value}).unsafe_in_production(Process.OPERATOR)
    assert finding.startswith(setting.upper())


def test_every_default_that_is_dangerous_in_production_is_named_at_once() -> None:
    named = {finding.split()[0] for finding in Settings(wallet_env="production").unsafe_in_production(Process.OPERATOR)}
    assert named == {"TELEGRAM_BOT_TOKEN", "SEED_PASSPHRASE", "MONGODB_URI", "RATES_URLS", "ETH_CHAIN_ID"}


def test_each_process_is_asked_for_its_own_secrets_alone() -> None:
    production = Settings(wallet_env="production")
    bot = " ".join(production.unsafe_in_production(Process.BOT))
    worker = " ".join(production.unsafe_in_production(Process.WORKER))
    assert "TELEGRAM_BOT_TOKEN" in bot and "SEED_PASSPHRASE" not in bot
    assert "SEED_PASSPHRASE" in worker and "TELEGRAM_BOT_TOKEN" not in worker


def test_a_production_wallet_without_any_ticker_is_named() -> None:
    (finding,) = Settings(**{**SAFE, "rates_urls": ""}).unsafe_in_production(Process.BOT)
    assert finding.startswith("RATES_URLS")


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("itd_price_usd", "0"),
        ("lease_seconds", 0),
        ("new_address_wait_seconds", -1),
        ("send_fee", "-1"),
        # A single payout may use 100,000 gas, at 200 gwei.
        ("eth_max_batch_fee", "0.019"),
        ("eth_max_fee_gwei", 9_001),
        ("eth_max_batch_fee", "much"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Settings(**{setting: value})


@pytest.mark.parametrize("setting", ["send_totp_above", "withdrawal_fee_eth", "send_fee"])
def test_an_amount_may_be_nothing_at_all(setting: str) -> None:
    assert Settings(**{setting: "0"}).itd(setting) == 0


def test_a_transaction_of_ether_offers_less_than_nodes_refuse_to_pass_on() -> None:
    """Geth's ``--rpc.txfeecap`` is 1 ether by default."""
    assert Settings().eth_max_batch_fee_minor == 9 * 10**17
    assert Settings(eth_max_batch_fee="0.02").eth_max_batch_fee_minor == 2 * 10**16


def test_the_sandbox_starts_with_nothing_set() -> None:
    sandbox = Settings()
    assert sandbox.wallet_env is Environment.SANDBOX
    assert sandbox.unsafe_in_production(Process.OPERATOR) == []


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEW_ABOVE", "12.5")
    monkeypatch.setenv("RATES_URLS", " https://a.example/{symbol}\n https://b.example/{symbol} ")
    monkeypatch.setenv("WALLET_DATA_DIR", "elsewhere")
    settings = Settings()
    assert settings.itd("review_above") == 12_500_000
    assert settings.rates_urls == ("https://a.example/{symbol}", "https://b.example/{symbol}")
    assert settings.wallet_data_dir == Path("elsewhere")


@pytest.mark.parametrize("setting", AMOUNTS)
@pytest.mark.parametrize("value", ["-1", "1e3", "0.0000001", "", "fifty", "1,5", "NaN"])
def test_a_wrong_amount_stops_the_start(setting: str, value: str) -> None:
    with pytest.raises(ValidationError, match=r"an amount such as 0\.5"):
        Settings(**{setting: value})


@pytest.mark.parametrize(
    ("setting", "minor"),
    [("min_send", ITD // 100), ("send_fee", 0), ("send_totp_above", 50 * ITD), ("review_above", 200 * ITD)],
)
def test_amounts_become_minor_units(setting: str, minor: int) -> None:
    assert Settings().itd(setting) == minor


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("purchase_fee_basis_points", -1),
        ("purchase_fee_basis_points", 5_001),
        ("day_starts_at_hour", 24),
        ("day_starts_at_hour", -1),
        ("wallet_env", "staging"),
        ("itd_price_usd", "NaN"),
        ("rates_urls", "https://one.example/price"),
        ("rates_urls", "https://one.example/{symbol} ticker"),
        ("rate_max_jump_basis_points", 0),
        ("rate_jump_seconds", -1),
        ("rate_spread_basis_points", -1),
        ("rate_spread_basis_points", 5_001),
    ],
)
def test_a_value_out_of_range_stops_the_start(setting: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Settings(**{setting: value})


def test_no_secret_is_shown_where_settings_are_printed() -> None:
    settings = Settings(telegram_bot_token="123:canary", seed_passphrase="canary")
    assert "canary" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert isinstance(settings.telegram_bot_token, SecretStr)


def test_settings_cannot_be_changed_while_the_wallet_runs() -> None:
    with pytest.raises(ValidationError):
        Settings().review_above = "1000000"  # type: ignore[misc]  # it must fail


def test_every_setting_has_a_meaning_and_a_line_in_the_table() -> None:
    lines = settings_table().splitlines()[2:]
    chains = dict.fromkeys(("btc", "ltc"), BitcoinLikeSettings)
    sweeps = dict.fromkeys(("btc_sweep", "eth_sweep", "ltc_sweep"), SweepSettings)
    levels = dict.fromkeys(("btc_hot", "eth_hot", "ltc_hot"), HotSettings)
    nested = {**chains, **sweeps, **levels}
    of_chains = [f"{chain}_{name}".upper() for chain, kind in nested.items() for name in kind.model_fields]
    names = [name.upper() for name in Settings.model_fields if name not in nested]
    assert sorted(line.split("`")[1] for line in lines) == sorted(names + of_chains)
    assert all(line.count(" | ") == 2 and not line.endswith("|  |") for line in lines)


# Bitcoin and Litecoin


def served(**coins: object) -> BitcoinLikeSettings:
    """The settings of a chain that is served in production, but for what a test changes."""
    safe = {"rpc_url": "http://127.0.0.1:8332", "rpc_password": "long and random", "network": "main"}
    return BitcoinLikeSettings(**{**safe, **coins})


@pytest.mark.parametrize("chain", ["btc", "ltc"])
@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("network", "regtest"),
        ("rpc_password", ""),
        ("final_depth", 5),
        ("confirmations", 1),
        ("large_confirmations", 1),
    ],
)
def test_a_served_chain_of_coins_must_be_safe_in_production(chain: str, setting: str, value: object) -> None:
    assert Settings(**SAFE, **{chain: served()}).unsafe_in_production(Process.WORKER) == []
    unsafe = Settings(**SAFE, **{chain: served(**{setting: value})})
    (finding,) = unsafe.unsafe_in_production(Process.WORKER)
    assert finding.startswith(f"{chain}_{setting.removeprefix('large_')}".upper())
    assert unsafe.unsafe_in_production(Process.BOT) == []


def test_a_chain_of_coins_that_is_not_served_is_asked_for_nothing() -> None:
    settings = Settings(**SAFE, btc=served(rpc_url="", network="regtest", rpc_password=""))
    assert settings.unsafe_in_production(Process.OPERATOR) == []
    assert settings.served == (Asset.ETH,)


def test_each_chain_of_coins_reads_variables_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BTC_RPC_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("LTC_NETWORK", "main")
    monkeypatch.setenv("NETWORK", "test")
    settings = Settings(eth_rpc_url="")
    assert (settings.btc.rpc_url, settings.ltc.rpc_url) == ("http://127.0.0.1:1", "")
    assert (settings.btc.network, settings.ltc.network) == ("regtest", "main")
    assert settings.served == (Asset.BTC,)
    assert settings.networks == {Asset.BTC: "regtest", Asset.LTC: "main", Asset.ETH: "31337"}


def test_the_genesis_is_the_known_one_unless_another_is_set() -> None:
    assert Settings().network(Asset.BTC) == NETWORKS[Asset.BTC, "regtest"]
    other = Settings(ltc=served(genesis="ab" * 32)).network(Asset.LTC)
    assert (other.name, other.genesis, other.hrp) == ("main", "ab" * 32, "ltc")


@pytest.mark.parametrize(("coins", "satoshi"), [("0.01", 1_000_000), ("0.00000001", 1), ("2", 2 * 10**8)])
def test_the_most_that_a_batch_may_pay_is_read_to_the_satoshi(coins: str, satoshi: int) -> None:
    assert served(max_batch_fee=coins).max_batch_fee_minor == satoshi


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        *(("max_batch_fee", text) for text in ("0.000000001", "-1", "1e-3", "")),
        *(("withdrawal_fee", text) for text in ("0.0000001", "fifty")),
        *(("network", text) for text in ("mainnet", "signet", "")),
        *((name, 0) for name in ("confirmations", "final_depth", "max_fee_rate", "change_outputs", "batch_length")),
        ("signer", "paper"),
    ],
)
def test_a_chain_of_coins_with_a_senseless_setting_stops_the_start(setting: str, value: object) -> None:
    with pytest.raises(ValidationError):
        served(**{setting: value})


@pytest.mark.parametrize("secret", ["TELEGRAM_BOT_TOKEN", "SEED_PASSPHRASE"])
def test_the_table_shows_no_secret(secret: str) -> None:
    (line,) = (line for line in settings_table().splitlines() if f"`{secret}`" in line)
    assert line.split(" | ")[1] == "`**********`"


@pytest.mark.parametrize(
    ("hosts", "safe"),
    [("a b", True), ("a", False), ("a a", False), ("a a b", False), ("a a b b", True), ("a a b c", True)],
)
def test_no_host_alone_is_the_majority_of_the_tickers(hosts: str, safe: bool) -> None:
    urls = " ".join(f"https://{host}.example/{n}/{{symbol}}" for n, host in enumerate(hosts.split()))
    assert Settings(rates_urls=urls).has_safe_tickers is safe


def test_rails_of_a_worker_are_named_and_empty_means_all() -> None:
    assert Settings().has_rail(Asset.USD)
    some = Settings(worker_rails="ETH USD ITD")
    assert [some.has_rail(asset) for asset in (Asset.ETH, Asset.USD, Asset.ITD, Asset.BTC)] == [True, True, True, False]
    for strange in ("DOGE", "eth", "ETH,USD"):
        with pytest.raises(ValidationError):
            Settings(worker_rails=strange)


def test_a_hot_wallet_has_a_ceiling_only_above_its_floor_and_where_there_is_a_cold_wallet(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BTC_HOT_FLOOR", "0.5")
    assert Settings().hot_minor(Asset.BTC) == (5 * 10**7, 0)
    monkeypatch.setenv("BTC_HOT_CEILING", "2")
    with pytest.raises(ValidationError, match="BTC_SWEEP_COLD_ADDRESS"):
        Settings()
    monkeypatch.setenv("BTC_SWEEP_COLD_ADDRESS", "bcrt1q")
    assert Settings().hot_minor(Asset.BTC) == (5 * 10**7, 2 * 10**8)
    for ceiling in ("0.5", "0.4", "-1", "much"):
        monkeypatch.setenv("BTC_HOT_CEILING", ceiling)
        with pytest.raises(ValidationError):
            Settings()
