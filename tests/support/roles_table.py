"""The table of ``docs/roles.md``: ``python -m tests.support.roles_table`` writes it anew from the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.app import ROUTES
from bot.routes import Kind
from wallet_core.domain.people import Access

PAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "roles.md"
#: Everybody that there is, and how far each reaches.
PERSONAS: Final = {
    "nobody": Access.ANYONE,
    "not enrolled": Access.ANYONE,
    "person": Access.ENROLLED,
    "support": Access.SUPPORT,
    "finance": Access.FINANCE,
    "owner": Access.OWNER,
}
_TITLES: Final = {
    Kind.COMMAND: "command",
    Kind.BUTTON: "button",
    Kind.ANSWER: "answer",
    Kind.MESSAGE: "message",
    Kind.INLINE: "inline",
    Kind.GROUP: "group",
}
_YES, _NO = "yes", "–"


def _row(kind: str, name: str, access: Access) -> str:
    cells = (_YES if reach >= access else _NO for reach in PERSONAS.values())
    return f"| {kind} | `{name}` | {' | '.join(cells)} |"


def rows(use_cases: dict[str, Access]) -> Iterator[str]:
    """All rows, as the program says it."""
    for route in ROUTES:
        yield _row(_TITLES[route.kind], route.name, route.access)
    for name, access in sorted(use_cases.items()):
        yield _row("use case", name, access)


def on_the_page() -> dict[tuple[str, str], dict[str, bool]]:
    """Who may do what, as the page says it: by kind and name, for everybody."""
    found = re.findall(
        r"\n\| (command|button|answer|message|inline|group|use case) \| `([^`]+)` \| (.+) \|", PAGE.read_text()
    )
    return {
        (kind, name): dict(zip(PERSONAS, (cell == _YES for cell in cells.split(" | ")), strict=True))
        for kind, name, cells in found
    }


def main() -> None:
    """Writes the table."""
    from tests.unit.wallet_core.use_cases.test_gate import CHAT  # noqa: PLC0415 - it imports pytest, which pages need not

    table = "\n".join(rows({name.split(".")[0]: function.access for name, function in CHAT.items()}))
    heading = f"| kind | name | {' | '.join(PERSONAS)} |\n|---|---|{'---|' * len(PERSONAS)}"
    text = PAGE.read_text()
    begin, end = "<!-- table -->\n", "\n<!-- /table -->"
    before, after = text[: text.index(begin) + len(begin)], text[text.index(end) :]
    PAGE.write_text(f"{before}{heading}\n{table}{after}")


if __name__ == "__main__":
    main()
