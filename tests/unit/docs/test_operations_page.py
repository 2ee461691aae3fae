"""``docs/operations.md`` knows every setting, check and command that there is."""

import re
from pathlib import Path

import pytest
import typer

from bot.views.alarm_guide import GUIDE
from wallet_core import diagnosis
from wallet_core.cli import app
from wallet_core.domain.alert import SEVERITIES, Severity
from wallet_core.settings import settings_table

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text()


def test_the_page_has_the_settings_as_they_are() -> None:
    (table,) = re.findall(r"<!-- settings -->\n(.*?)\n<!-- /settings -->", PAGE, re.DOTALL)
    assert table == settings_table(), "copy the output of `wallet settings` between the markers"


@pytest.mark.parametrize("check", [what for what, _ in diagnosis._CHECKS])
def test_the_page_says_how_to_mend_whatever_doctor_finds(check: str) -> None:
    assert f"\n| {check} | " in PAGE


def test_every_wallet_command_on_the_page_exists() -> None:
    known = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # a group of commands
    named = set(re.findall(r"(?:`|\n)wallet ([a-z][a-z-]+)", PAGE))
    assert named <= known
    assert {"migrate", "doctor", "verify", "keys", "admin", "fund-hot-wallet", "overview"} <= named


def test_every_alarm_that_can_be_raised_is_explained() -> None:
    sources = [path.read_text() for path in (ROOT / "payout_worker").rglob("*.py")]
    use_cases = [path.read_text() for path in (ROOT / "wallet_core/use_cases").rglob("*.py")]
    told = [name for source in use_cases for name in re.findall(r'tell_owners\(ports, "(\w+)"', source)]
    raised = set(told) | {
        name
        for source in sources
        for name in re.findall(r'(?:raise_alarm\(ports, tenure, |NoteAlert\()"(\w+)"', source)
    }
    explained = set(re.findall(r"\n\| `(\w+)` \|.*\| (?:yes|no) \|", PAGE))
    assert raised == explained == SEVERITIES.keys()


def test_what_to_do_about_an_alarm_is_said_in_the_chat_with_the_words_of_the_page() -> None:
    told = dict(re.findall(r"\n\| `(\w+)` \|.*\| (?:yes|no) \| (.*) \|(?=\n)", PAGE))
    assert told == GUIDE


def test_the_page_says_how_grave_each_alarm_is() -> None:
    freezing = set(re.findall(r"\n\| `(\w+)` \|.*\| yes \|", PAGE))
    (others,) = re.findall(r"Critical are those that freeze, and (.*?); for information is\n", PAGE, re.DOTALL)
    critical = {alarm for alarm, severity in SEVERITIES.items() if severity is Severity.CRITICAL}
    assert critical == freezing | set(re.findall(r"`(\w+)`", others))
    assert [alarm for alarm, severity in SEVERITIES.items() if severity is Severity.INFO] == ["card_refund_elsewhere"]
