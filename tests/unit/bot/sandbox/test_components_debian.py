"""Programs out of Debian's packages: the mirror, the verification, the launcher; without any network."""

import gzip
import os
import subprocess
from pathlib import Path

import pytest

from bot.sandbox.components import coin_nodes, debian_packages
from bot.sandbox.components.component import MissingComponentError
from bot.sandbox.components.debian_packages import DebianProgram, Mirror, find_mirror

DEB822 = """# Debian's own
Types: deb deb-src
URIs: http://mirror.example/debian http://second.example/debian
# a comment in between
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
"""
WANTED = DebianProgram("thing", "thing-package", ("bookworm",), "Install it.")


@pytest.fixture
def apt(tmp_path: Path) -> Path:
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "os-release").write_text('ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n')
    return tmp_path / "apt"


def found(apt: Path) -> Mirror | None:
    return find_mirror(apt, apt.parent / "os-release")


def test_the_mirror_of_the_machines_own_release_is_taken(apt: Path) -> None:
    (apt / "sources.list.d" / "a.sources").write_text("Types: deb\nURIs: http://other.example\nSuites: nodistro\n")
    (apt / "sources.list.d" / "debian.sources").write_text(DEB822)
    assert found(apt) == Mirror("http://mirror.example/debian", "/usr/share/keyrings/debian-archive-keyring.gpg")


def test_a_key_in_the_source_itself_is_taken_with_all_its_lines(apt: Path) -> None:
    key = "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBGPL\n"
    text = f"Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\n{key}Components: main\n"
    (apt / "sources.list.d" / "debian.sources").write_text(text)
    mirror = found(apt)
    assert mirror is not None
    assert mirror.signed_by.endswith("BLOCK-----\n .\n mQINBGPL")


@pytest.mark.parametrize(
    ("line", "uri"),
    [
        ("deb http://mirror.example/debian bookworm main", "http://mirror.example/debian"),
        ("deb [arch=amd64 signed-by=/k.gpg] mirror+file:/etc/apt/m.list bookworm main", "mirror+file:/etc/apt/m.list"),
        ("deb http://mirror.example/debian stable main", "http://mirror.example/debian"),
        ("# deb http://mirror.example/debian bookworm main", None),
        ("deb-src http://mirror.example/debian bookworm main", None),
        ("deb http://mirror.example/debian-security bookworm-security main", None),
    ],
)
def test_the_older_format_is_read_too(apt: Path, line: str, uri: str | None) -> None:
    (apt / "sources.list").write_text(f"{line}\n")
    mirror = found(apt)
    assert (mirror.uri if mirror else None) == uri
    assert mirror is None or "signed-by" not in line or mirror.signed_by == "/k.gpg"


def test_a_source_that_is_switched_off_is_none(apt: Path) -> None:
    (apt / "sources.list.d" / "debian.sources").write_text(f"Enabled: no\n{DEB822.partition(chr(10))[2]}")
    assert found(apt) is None


def test_another_system_has_no_mirror_of_debians(apt: Path) -> None:
    (apt / "sources.list.d" / "debian.sources").write_text(DEB822)
    (apt.parent / "os-release").write_text("ID=ubuntu\nVERSION_CODENAME=bookworm\n")
    assert found(apt) is None
    assert str(WANTED.missing("not here")) == "thing: not here. Install it."


def test_an_unsigned_release_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By apt, for real; elsewhere than on Debian nothing is fetched at all."""
    index = tmp_path / "mirror" / "dists" / "bookworm" / "main" / "binary-amd64"
    index.mkdir(parents=True)
    (index / "Packages.gz").write_bytes(gzip.compress(b"Package: thing-package\nVersion: 1\nArchitecture: all\n"))
    (index.parents[1] / "Release").write_text("Suite: bookworm\nCodename: bookworm\nComponents: main\n")
    monkeypatch.setenv("WALLET_COMPONENTS_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(debian_packages, "find_mirror", lambda *_: Mirror(f"file:{tmp_path}/mirror", ""))
    with pytest.raises(MissingComponentError, match=r"is not signed|not Debian"):
        debian_packages.fetch(WANTED, tmp_path / "target", lambda _line: None)
    assert not (tmp_path / "target").exists()
    assert not list((tmp_path / "cache").glob(".fetching-*"))


def test_the_launcher_runs_the_program_with_its_own_linker_and_libraries_wherever_it_lies(tmp_path: Path) -> None:
    unpacked = tmp_path / "unpacked"
    libraries = unpacked / "usr" / "lib" / "machine-linux-gnu"
    for folder in (libraries, unpacked / "usr" / "bin", unpacked / "usr" / "lib" / "thing"):
        folder.mkdir(parents=True)
    linker = libraries / f"ld-linux{debian_packages._linker_machine()}.so.2"
    linker.write_text('#!/bin/sh\necho "$@"\n')
    linker.chmod(0o755)
    (unpacked / "usr" / "bin" / "thing").write_text("#!/bin/sh\n")
    (unpacked / "usr" / "lib" / "thing" / "thing").write_bytes(b"\x7fELF and more")
    debian_packages._write_launcher(WANTED, unpacked)
    place = unpacked.rename(tmp_path / "a place")
    said = subprocess.run([str(place / "thing"), "-x", "a b"], capture_output=True, text=True, check=True).stdout
    assert said == f"--library-path {place}/usr/lib/machine-linux-gnu {place}/usr/lib/thing/thing -x a b\n"


@pytest.mark.parametrize(
    ("daemon", "said", "fits"),
    [
        (coin_nodes.BITCOIN, "Bitcoin Knots daemon version v29.4.3.knots20260508", True),
        (coin_nodes.BITCOIN, "Bitcoin Core daemon version v26.0.0", True),
        (coin_nodes.BITCOIN, "Bitcoin Core version v25.2.0", False),
        (coin_nodes.BITCOIN, "", False),
        (coin_nodes.LITECOIN, "Litecoin Core version v0.21.2.1-gfce5d459f0a8", True),
        (coin_nodes.LITECOIN, "Litecoin Core version v0.18.1", False),
    ],
)
def test_releases_that_we_can_drive(daemon: coin_nodes.CoinDaemon, said: str, fits: bool) -> None:
    assert daemon.fits(said) is fits


def test_a_fitting_node_on_the_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLET_COMPONENTS_DIR", str(tmp_path / "cache"))
    program = tmp_path / "bitcoind"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for version, taken in (("v30.1.0", program), ("v0.21.0", None)):
        program.write_text(f"#!/bin/sh\necho 'Bitcoin Core daemon version {version}'\n")
        program.chmod(0o755)
        assert coin_nodes.BITCOIN.locate() == taken
