"""`python -m bot.sandbox.components ensure [NAME…]`: gets the outside programs, or says how a person gets them."""

import os
import re
import sys
import time

import typer
from rich.console import Console

from bot.sandbox.components import COMPONENTS, WANTED_BY_DEFAULT, MissingComponentError, ensure

app = typer.Typer(no_args_is_help=True, add_completion=False)
console = Console(highlight=False, markup=False, soft_wrap=True)


@app.callback()
def main() -> None:
    """The programs that the sandbox and the tests run against."""


@app.command("ensure")
def ensure_all(names: list[str] = typer.Argument(None, help=", ".join(COMPONENTS))) -> None:  # noqa: B008 - typer's own way
    """Finds or fetches components; ends with 1 and their names if one is missing that ALLOW_MISSING does not list."""
    wanted = names or list(WANTED_BY_DEFAULT)
    unknown = [name for name in wanted if name not in COMPONENTS]
    if unknown:
        console.print(f"unknown: {', '.join(unknown)}; there are {', '.join(COMPONENTS)}")
        sys.exit(2)
    missing = [name for name in wanted if not _ensured(name)]
    forbidden = [name for name in missing if name not in allowed_to_miss()]
    if forbidden:
        console.print(f"missing: {' '.join(forbidden)} (to go on without: ALLOW_MISSING={','.join(missing)})")
        sys.exit(1)


def allowed_to_miss() -> set[str]:
    """The names in ALLOW_MISSING, separated by commas or spaces."""
    return set(re.split(r"[,\s]+", os.environ.get("ALLOW_MISSING", "").strip())) - {""}


def _ensured(name: str) -> bool:
    started = time.monotonic()
    try:
        path = ensure(COMPONENTS[name], console.print)
    except MissingComponentError as error:
        console.print(f"{error}")
        return False
    console.print(f"{name}: {path} ({time.monotonic() - started:.1f} s)")
    return True


if __name__ == "__main__":
    app()
