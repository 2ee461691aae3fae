"""``python -m bot.views.catalogues``: collects the views' texts and brings every catalogue up to date.

New texts are added empty, texts that are gone are dropped. The catalogues are read as they are (``words.catalogue``),
so nothing needs to be compiled. A test tells when this was not run, and when a translation is missing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from bot.views.words import DEFAULT_LANGUAGE, LANGUAGES, LOCALES

TEMPLATE: Final = LOCALES / "bot.pot"
_HEADER: Final[dict[str, Any]] = {
    "project": "ITD Wallet",
    "version": "1",
    "header_comment": "# What the bot says, by `python -m bot.views.catalogues`.",
    "msgid_bugs_address": "-",
    "last_translator": "-",
    "language_team": "-",
    "charset": "utf-8",
    "fuzzy": False,
    # A fixed time, so that a catalogue changes only when a text does.
    "creation_date": datetime(2026, 1, 1, tzinfo=UTC),
    "revision_date": datetime(2026, 1, 1, tzinfo=UTC),
}
_KEYWORDS: Final = {"_": None, "plural": (1, 2)}


def texts_of_views() -> Catalog:
    """Every text that the views translate, with the file it stands in."""
    catalogue = Catalog(**_HEADER)
    folder = Path(__file__).parent
    found = extract_from_dir(folder, [("**.py", "python")], keywords=_KEYWORDS)
    for name, _line, text, comments, context in sorted(found, key=lambda one: (one[0], one[1])):
        catalogue.add(text, None, [(f"bot/views/{name}", 0)], auto_comments=comments, context=context)
    return catalogue


def catalogue_of(language: str) -> Path:
    """Where a language's catalogue is kept."""
    return LOCALES / language / "LC_MESSAGES" / "bot.po"


def update(language: str, template: Catalog) -> Catalog:
    """The language's catalogue with exactly the template's texts."""
    path = catalogue_of(language)
    catalogue = Catalog(locale=language, **_HEADER)
    if path.exists():
        with path.open("rb") as source:
            catalogue = read_po(source, locale=language)
    catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def _write(path: Path, catalogue: Catalog) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, catalogue, width=110, omit_header=False, sort_output=False, include_lineno=False)


def main() -> None:
    """Writes the template and every catalogue."""
    template = texts_of_views()
    _write(TEMPLATE, template)
    for language in LANGUAGES:
        if language != DEFAULT_LANGUAGE:
            _write(catalogue_of(language), update(language, template))


if __name__ == "__main__":
    main()
