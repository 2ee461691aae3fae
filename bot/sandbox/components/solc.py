"""solc, the compiler of Solidity, as JavaScript from npm: for the test that compiles the contract again."""

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

from bot.sandbox.components import npm
from bot.sandbox.components.cache import cache_dir, ensure, put_in_place, scratch_dir
from bot.sandbox.components.component import Component, MissingComponentError, Say

VERSION = "0.8.30"
#: SHA-512 of the package's archive, base64 as npm writes it.
SHA512 = "9Srk/gndtBmoUbg4CE6ypAzPQlElv8ntbnl6SigUBAzgXKn35v87sj04uZeoZWjtDkdzT0qKFcIo/wl63UMxdw=="
HOW_TO_GET = "Install Node.js with npm, and see that it reaches its registry."
#: The compiler's own interface: standard JSON in, standard JSON out.
_DRIVER = """
const compiler = require(process.argv[1]);
const compile = compiler.cwrap("solidity_compile", "string", ["string", "number", "number"]);
const run = () => process.stdout.write(compile(require("fs").readFileSync(0, "utf8"), 0, 0));
if (compiler.calledRun) run(); else compiler.onRuntimeInitialized = run;
"""
_COMPILE_SECONDS = 120


def _cached() -> Path:
    return cache_dir() / f"solc-{VERSION}" / "soljson.js"


def locate() -> Path | None:
    """The compiler in the cache, or None."""
    return _cached() if _cached().is_file() else None


def fetch(say: Say) -> Path:
    """Fetches the pinned release with npm; raises `MissingComponentError`."""
    program = ensure(npm.NPM, say)
    say(f"solc: fetching solc {VERSION} (9 MB) with npm")
    with scratch_dir() as folder:
        archive = npm.packed(program, f"solc@{VERSION}", folder)
        npm.check_sha512("solc", archive, SHA512)
        return put_in_place(_unpacked(archive, folder / "soljson.js"), _cached())


def _unpacked(archive: Path, target: Path) -> Path:
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/soljson.js")
        if member is None:
            raise MissingComponentError("solc", "the archive holds no compiler", HOW_TO_GET)
        with member, target.open("wb") as out:
            shutil.copyfileobj(member, out)
    return target


def compiled(compiler: Path, node: Path, task: dict[str, Any]) -> dict[str, Any]:
    """What the compiler makes of a task in its standard JSON; raises `subprocess.SubprocessError`."""
    argv = [str(node), "-e", _DRIVER, str(compiler)]
    given = json.dumps(task)
    done = subprocess.run(argv, input=given, capture_output=True, text=True, timeout=_COMPILE_SECONDS, check=True)
    made: dict[str, Any] = json.loads(done.stdout)
    return made


SOLC = Component("solc", locate, fetch)
