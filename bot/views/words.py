"""One language's words: gettext, escaping of what people typed, exact amounts, times in UTC."""

from __future__ import annotations

import gettext
import html
import re
import unicodedata
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from wallet_core.domain.money import Asset, one_coin_minor, plain

#: The languages that the bot speaks, and what each calls itself.
LANGUAGES: Final = {"en": "English", "de": "Deutsch", "ar": "العربية"}
DEFAULT_LANGUAGE: Final = "en"
LOCALES: Final = Path(__file__).parent.parent / "locales"
_RIGHT_TO_LEFT: Final = frozenset({"ar"})
_TAG: Final = re.compile(r"<[^>]+>")
# Unicode isolates (UAX 9): what stands between them cannot turn around the text beside it.
_LTR_ISOLATE, _FIRST_STRONG_ISOLATE, _POP_ISOLATE = "\u2066", "\u2068", "\u2069"


class Html(str):
    """Text that is markup already and must not be escaped again."""

    __slots__ = ()


class Words:
    """Translates, and fills in facts: plain strings are escaped, ``Html`` is taken as it is."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue = catalogue(language)

    def __call__(self, text: str, **facts: Any) -> Html:
        """The text in this language with its ``{facts}``."""
        return _filled(self._catalogue.gettext(text), facts)

    def plural(self, one: str, many: str, count: int, **facts: Any) -> Html:
        """The form for this count, by the language's own rules; ``{count}`` is filled in."""
        return _filled(self._catalogue.ngettext(one, many, count), {"count": count, **facts})

    def amount(self, minor: int, asset: Asset = Asset.ITD) -> Html:
        """An exact amount with its asset; what is read is what may be typed, so the point is a point everywhere.

        Dollars always have their cents.
        """
        return self.ltr(f"{_dollars(minor) if asset is Asset.USD else plain(minor, asset)} {asset}")

    def usd(self, itd_minor: int, itd_price_usd: Decimal) -> Html:
        """What ITD are worth in US dollars, in whole cents, rounded down."""
        usd = Decimal(itd_minor) * itd_price_usd / one_coin_minor(Asset.ITD)
        return self.ltr(f"{usd.quantize(Decimal('0.01'), ROUND_DOWN)} USD")

    def moment(self, at: datetime) -> Html:
        """A time with its zone, and the day; a month's name without a point, which would look like a sentence's end."""
        utc = at.astimezone(UTC)
        day = format_datetime(utc, "d MMM", locale=self.language).rstrip(".")
        return Html(f"{self.ltr(utc.strftime('%H:%M'))} UTC, {escaped(day)}")

    def wall(self, at: datetime, zone: str) -> Html:
        """A time as the clock in a zone shows it, with its day and the zone's name."""
        there = at.astimezone(ZoneInfo(zone))
        day = format_datetime(there, "EEE d MMM", locale=self.language)
        return Html(f"{self.ltr(there.strftime('%H:%M'))}, {escaped(day)} ({self.ltr(zone)})")

    def moment_with_seconds(self, at: datetime) -> Html:
        """A time of this day to the second, with its zone."""
        return self.ltr(f"{at.astimezone(UTC):%H:%M:%S} UTC")

    def instant(self, at: datetime) -> Html:
        """A time with its zone and its day, in the form in which commands take days."""
        return self.ltr(f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC")

    def signed(self, itd_minor: int) -> Html:
        """A change of an amount of ITD, with its sign."""
        sign = "+" if itd_minor > 0 else "−"
        return self.ltr(f"{sign}{plain(abs(itd_minor), Asset.ITD)} {Asset.ITD}")

    def code(self, text: str) -> Html:
        """Something to copy: an address, a key, a transaction id."""
        return self._isolated(f"<code>{html.escape(text, quote=False)}</code>", _LTR_ISOLATE)

    def bold(self, text: str) -> Html:
        """A heading or a figure."""
        return Html(f"<b>{escaped(text)}</b>")

    def ltr(self, text: str) -> Html:
        """Something that reads from left to right in every language."""
        return self._isolated(escaped(text), _LTR_ISOLATE)

    def name(self, name: str) -> Html:
        """A person's name without characters that are not seen or that turn the text around."""
        return Html(f"{_FIRST_STRONG_ISOLATE}{escaped(visible(name))}{_POP_ISOLATE}")

    def typed(self, text: str) -> Html:
        """What somebody wrote, without characters that are not seen or that turn the text around."""
        return Html(f"{_FIRST_STRONG_ISOLATE}{escaped(visible(text, most=len(text)))}{_POP_ISOLATE}")

    def _isolated(self, markup: str, isolate: str) -> Html:
        return Html(f"{isolate}{markup}{_POP_ISOLATE}" if self.language in _RIGHT_TO_LEFT else markup)


def _dollars(cents: int) -> str:
    dollars, rest = divmod(abs(cents), one_coin_minor(Asset.USD))
    return f"{'-' if cents < 0 else ''}{dollars}.{rest:02d}"


def escaped(text: str) -> str:
    """The text as Telegram's HTML, unless it is markup already."""
    return text if isinstance(text, Html) else html.escape(text, quote=False)


def plain_text(markup: str) -> str:
    """The text of markup, for where Telegram shows none: the toasts of buttons."""
    return html.unescape(_TAG.sub("", markup))


def _filled(text: str, facts: dict[str, Any]) -> Html:
    return Html(text.format(**{name: escaped(str(v)) if not isinstance(v, Html) else v for name, v in facts.items()}))


@lru_cache(maxsize=64)
def catalogue(language: str) -> gettext.NullTranslations:
    """A language's catalogue, compiled from its ``.po`` in memory, so that it is never stale; English is the source."""
    if language == DEFAULT_LANGUAGE:
        return gettext.NullTranslations()
    with (LOCALES / language / "LC_MESSAGES" / "bot.po").open("rb") as source:
        compiled = BytesIO()
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@lru_cache(maxsize=64)
def words_for(language: str | None) -> Words:
    """The words for a language as Telegram names it (``de``, ``de-AT``), English where there are none."""
    return Words(known_language(language))


def known_language(language: str | None) -> str:
    """The language of ours that comes nearest to what Telegram or a person named."""
    short = (language or "").lower().replace("_", "-").partition("-")[0]
    return short if short in LANGUAGES else DEFAULT_LANGUAGE


def visible(name: str, most: int = 64) -> str:
    """A name without controls and direction marks (Unicode categories Cc and Cf, but for the joiner of emoji)."""
    shown = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf"} or c == "\u200d")
    return " ".join(shown.split())[:most] or "?"


def unusual(name: str) -> bool:
    """Whether a name hides characters or mixes alphabets, as names do that imitate somebody else's."""
    hidden = any(unicodedata.category(c) in {"Cc", "Cf", "Co", "Cn"} and c != "\u200d" for c in name)
    scripts = {unicodedata.name(c, "?").partition(" ")[0] for c in name if c.isalpha()}
    return hidden or len(scripts & {"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "FULLWIDTH"}) > 1
