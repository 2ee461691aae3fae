"""Every text in every language, with the same facts in it."""

from __future__ import annotations

import string

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from bot.views.catalogues import TEMPLATE, catalogue_of, texts_of_views, update
from bot.views.words import DEFAULT_LANGUAGE, LANGUAGES

SIGNS = ("/start", "/recover", "/unfreeze", "/freeze", "/history", "/statement", "/buy", "/help", "QR", "12.5")
TRANSLATED = [language for language in LANGUAGES if language != DEFAULT_LANGUAGE]


def _read(language: str) -> Catalog:
    with catalogue_of(language).open("rb") as source:
        return read_po(source, locale=language)


def _facts(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_there_are_three_languages_and_one_reads_from_the_right() -> None:
    assert {"en", "de", "ar"} <= set(LANGUAGES)


def test_the_template_is_up_to_date() -> None:
    with TEMPLATE.open("rb") as source:
        kept = {message.id for message in read_po(source)}
    assert kept == {message.id for message in texts_of_views()}, "run: python -m bot.views.catalogues"


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_text_translated(language: str) -> None:
    catalogue = update(language, texts_of_views())
    missing = [m.id for m in catalogue if m.id and not all(_forms(m.string))]
    assert not missing
    assert {m.id for m in _read(language)} == {m.id for m in texts_of_views()}


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_facts_of_its_text(language: str) -> None:
    for message in _read(language):
        if not message.id:
            continue
        wanted = _facts(_forms(message.id)[-1])
        for form in _forms(message.string):
            # A plural form for a fixed number may leave the number out.
            assert _facts(form) == wanted or (len(_forms(message.id)) > 1 and wanted - _facts(form) == {"count"})


@pytest.mark.parametrize("language", TRANSLATED)
def test_commands_and_markup_survive_the_translation(language: str) -> None:
    for message in _read(language):
        for sign in SIGNS:
            if sign in _forms(message.id)[0]:
                assert all(sign in form for form in _forms(message.string)), message.id
