"""Each import contract of ``pyproject.toml`` notices a violation: one of each is planted in a copy."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
#: What is planted where; each line breaks at least one contract.
PLANTED = {
    "bot/handlers/home.py": "import payout_worker.lease, wallet_core.adapters.vault",
    "bot/app.py": "import eth_account, bot.sandbox.world",
    "bot/sandbox/world.py": "import wallet_core.domain.money",
    "wallet_core/domain/money.py": "import wallet_core.settings, time",
    "wallet_core/use_cases/freeze.py": "import pymongo",
    "wallet_core/bootstrap.py": "import wallet_core.adapters.seed_file",
    "wallet_core/diagnosis.py": "import telegram",
    "payout_worker/worker.py": "import payout_worker.signers.ethereum, stripe",
    "payout_worker/steps/form_batch.py": "import wallet_core.adapters.mongo.store",
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy with everything planted at once."""
    copy = tmp_path_factory.mktemp("copy")
    for package in ("wallet_core", "bot", "payout_worker"):
        shutil.copytree(ROOT / package, copy / package, ignore=_all_but_python)
    shutil.copy(ROOT / "pyproject.toml", copy)
    for name, line in PLANTED.items():
        assert (copy / name).is_file(), f"{name} has moved: plant elsewhere"
        with (copy / name).open("a") as module:
            module.write(f"\n{line}\n")
    linter = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    wide = {**os.environ, "COLUMNS": "500", "PYTHONPATH": str(copy)}
    run = subprocess.run(
        [sys.executable, "-c", linter], cwd=copy, env=wide, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1, run.stderr
    return run.stdout


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    return [n for n in names if n == "__pycache__" or not ((Path(folder) / n).is_dir() or n.endswith(".py"))]


@pytest.mark.parametrize("contract", [contract["name"] for contract in CONTRACTS])
def test_no_contract_overlooks_its_violation(verdicts: str, contract: str) -> None:
    assert f"{contract} BROKEN" in verdicts
