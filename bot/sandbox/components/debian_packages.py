"""Programs out of Debian's packages, unpacked into a folder of their own; the system stays as it is, root or not.

apt does the work with a configuration of ours beside the machine's: a list of sources that names the wanted releases on
the machine's own mirror, and an empty list of installed packages, so that it resolves everything a program needs, the
C library included. What is verified is what apt always verifies: the signature of each release (``InRelease``) against
Debian's keyring on this machine, the package index against that, and the SHA-256 of each package against the index.

The program runs through the dynamic linker and the libraries that came with it, so a newer one runs on an older Debian.
"""

import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.sandbox.components.cache import put_in_place, scratch_dir
from bot.sandbox.components.component import MissingComponentError, Say

APT = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
KEYRINGS = tuple(Path("/usr/share/keyrings/debian-archive-keyring").with_suffix(kind) for kind in (".gpg", ".pgp"))
_APT_SECONDS = 600
_LAUNCHER = """#!/bin/sh
# Runs {program} with the linker and the libraries that were unpacked beside it.
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
exec "$here/{linker}" --library-path "{libraries}" "$here/{binary}" "$@"
"""


@dataclass(frozen=True)
class DebianProgram:
    """A program, its package, and the releases it is put together from.

    The first release is preferred for everything; of a later one only what no earlier one has is taken.
    """

    program: str
    package: str
    releases: tuple[str, ...]
    how_to_get: str

    def missing(self, why: str) -> MissingComponentError:
        """The error that says why it could not be had, and how a person gets it."""
        return MissingComponentError(self.program, why, self.how_to_get)


@dataclass(frozen=True)
class Mirror:
    """Where this machine gets Debian from: an address, or apt's ``mirror+file:``; and the keys it is checked with."""

    uri: str
    signed_by: str


def fetch(wanted: DebianProgram, target: Path, say: Say) -> Path:
    """Unpacks the program into the folder `target` and answers its launcher; raises `MissingComponentError`."""
    mirror = find_mirror(APT, OS_RELEASE)
    if mirror is None or not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise wanted.missing("this is not Debian, or its apt sources could not be read")
    say(f"{wanted.program}: fetching {wanted.package} and what it needs from Debian {' and '.join(wanted.releases)}")
    with scratch_dir() as folder:
        options = _apt_options(folder, mirror, wanted.releases)
        install = ("install", "-y", "--download-only", "--no-install-recommends", wanted.package)
        problem = _run("apt-get", *options, "update") or _run("apt-get", *options, *install)
        if problem:
            raise wanted.missing(f"apt could not fetch it ({problem})")
        unpacked = _unpacked(wanted, folder)
        _write_launcher(wanted, unpacked)
        put_in_place(unpacked, target)
    return target / wanted.program


def find_mirror(apt: Path, os_release: Path) -> Mirror | None:
    """The machine's Debian mirror, from the source of its own release; None where this is no Debian."""
    facts = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', _text(os_release), re.MULTILINE))
    if facts.get("ID") != "debian":
        return None
    codename = facts.get("VERSION_CODENAME", "")
    for uri, suites, signed_by in (*_deb822_sources(apt), *_one_line_sources(apt)):
        if {codename, "stable", "testing", "unstable", "sid"} & set(suites):
            return Mirror(uri, signed_by or _keyring())
    return None


Source = tuple[str, list[str], str]


def _deb822_sources(apt: Path) -> Iterator[Source]:
    """Sources in the format of deb822(5): stanzas of fields, which a blank goes on in the next line."""
    for file in sorted((apt / "sources.list.d").glob("*.sources")):
        kept = "\n".join(line for line in _text(file).splitlines() if not line.startswith("#"))
        for stanza in re.split(r"\n\s*\n", kept):
            found = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t].*)*)", stanza, re.MULTILINE)
            fields = {name.lower(): value.strip() for name, value in found}
            if "deb" in fields.get("types", "").split() and fields.get("enabled", "yes") != "no":
                yield fields.get("uris", "").split()[0], fields.get("suites", "").split(), fields.get("signed-by", "")


def _one_line_sources(apt: Path) -> Iterator[Source]:
    """Sources in the older format of sources.list(5): ``deb [options] uri suite components``."""
    for file in (apt / "sources.list", *sorted((apt / "sources.list.d").glob("*.list"))):
        for options, uri, suite in re.findall(r"^deb[ \t]+(?:\[(.*?)\][ \t]+)?(\S+)[ \t]+(\S+)", _text(file), re.M):
            signed_by = re.search(r"signed-by=(\S+)", options)
            yield uri, [suite], signed_by[1] if signed_by else ""


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


def _keyring() -> str:
    return next((str(path) for path in KEYRINGS if path.is_file()), "")


def _apt_options(folder: Path, mirror: Mirror, releases: tuple[str, ...]) -> list[str]:
    """apt's options for a world of its own below `folder`; proxies and the like stay the machine's."""
    for name in ("lists/partial", "archives/partial"):
        (folder / name).mkdir(parents=True)
    (folder / "status").touch()
    stanza = f"Types: deb\nURIs: {mirror.uri}\nSuites: {' '.join(releases)}\nComponents: main\n"
    signed_by = f"Signed-By: {mirror.signed_by}\n" if mirror.signed_by else ""
    (folder / "debian.sources").write_text(stanza + signed_by)
    pins = (f"Package: *\nPin: release n={name}\nPin-Priority: {900 - 100 * n}\n" for n, name in enumerate(releases))
    (folder / "preferences").write_text("\n".join(pins))
    settings = {
        "Dir::Etc::sourcelist": folder / "debian.sources",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferences": folder / "preferences",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Dir::State": folder,
        "Dir::State::status": folder / "status",
        "Dir::Cache": folder,
        "Dir::Log": folder,
        "APT::Sandbox::User": "root",
        "APT::Update::Error-Mode": "any",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    return ["-q", *(word for name, value in settings.items() for word in ("-o", f"{name}={value}"))]


def _run(*argv: str) -> str:
    """What went wrong, or an empty text."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=_APT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"{argv[0]} took longer than {_APT_SECONDS} s"
    return "" if done.returncode == 0 else (done.stderr.strip()[-300:] or f"{argv[0]} ended with {done.returncode}")


def _unpacked(wanted: DebianProgram, folder: Path) -> Path:
    """The program's package and the libraries; what else apt would install to run a service is left out."""
    unpacked = folder / "unpacked"
    for archive in sorted((folder / "archives").glob("*.deb")):
        if archive.name.startswith((f"{wanted.package}_", "lib")):
            problem = _run("dpkg-deb", "-x", str(archive), str(unpacked))
            if problem:
                raise wanted.missing(f"{archive.name} could not be unpacked ({problem})")
    for unneeded in ("usr/share", "etc"):
        shutil.rmtree(unpacked / unneeded, ignore_errors=True)
    return unpacked


def _write_launcher(wanted: DebianProgram, unpacked: Path) -> None:
    programs = [path for path in unpacked.glob(f"usr/**/{wanted.program}") if _is_elf(path)]
    linkers = sorted(unpacked.glob(f"**/*-linux-gnu*/ld-linux*{_linker_machine()}.so.*"))
    if not programs or not linkers:
        raise wanted.missing("the packages hold no program, or no dynamic linker")
    folders = sorted({str(path.parent.relative_to(unpacked)) for path in unpacked.glob("**/*-linux-gnu*/*.so.*")})
    launcher = unpacked / wanted.program
    launcher.write_text(
        _LAUNCHER.format(
            program=wanted.program,
            linker=linkers[0].relative_to(unpacked),
            libraries=":".join(f"$here/{folder}" for folder in folders),
            binary=programs[0].relative_to(unpacked),
        )
    )
    launcher.chmod(0o755)


def _is_elf(path: Path) -> bool:
    """False for a folder of the same name, and for a script, such as the one by which Debian starts litecoind."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _linker_machine() -> str:
    return {"x86_64": "-x86-64", "aarch64": "-aarch64"}.get(platform.machine(), "")
