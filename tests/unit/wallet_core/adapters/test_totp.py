"""One-time passwords as RFC 6238 has them."""

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from wallet_core.adapters.totp import PyotpTotp

TOTP = PyotpTotp()
#: RFC 6238, appendix B: the SHA-1 secret, and its 8-digit codes cut to their last 6 digits.
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
]
NOW = datetime(2026, 11, 22, 12, 0, 15, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30
#: A code that fits no step near NOW.
WRONG = next(f"{n:06}" for n in range(10) if TOTP.step_of(RFC_SECRET, f"{n:06}", NOW) is None)


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert TOTP.step_of(RFC_SECRET, code, at) == seconds // 30


@pytest.mark.parametrize("early", [-1, 0, 1])
def test_a_code_counts_one_step_early_and_one_late_and_tells_which_step_it_is_of(early: int) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOW + timedelta(seconds=30 * early))
    assert TOTP.step_of(RFC_SECRET, code, NOW) == STEP + early


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_of_two_steps_away_does_not_count(steps: int) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOW + timedelta(seconds=30 * steps))
    assert TOTP.step_of(RFC_SECRET, code, NOW) is None


@pytest.mark.parametrize("change", ["{} ", " {}", "{}\n", "{}0", "+{}"])
def test_a_right_code_with_anything_around_it_is_wrong(change: str) -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOW)
    assert TOTP.step_of(RFC_SECRET, change.format(code), NOW) is None


def test_digits_of_another_alphabet_are_wrong() -> None:
    code = pyotp.TOTP(RFC_SECRET).at(NOW)
    arabic = "".join(chr(ord("٠") + int(digit)) for digit in code)
    assert TOTP.step_of(RFC_SECRET, arabic, NOW) is None


@pytest.mark.parametrize("code", ["", "0", "12345", WRONG, "9" * 10_000, "abcdef"])
def test_what_is_no_code_of_now_is_wrong(code: str) -> None:
    assert TOTP.step_of(RFC_SECRET, code, NOW) is None


def test_a_new_secret_has_160_random_bits() -> None:
    one, other = TOTP.new_secret(), TOTP.new_secret()
    assert len(base64.b32decode(one)) == 20
    assert one != other


def test_authenticators_can_read_the_address() -> None:
    parts = urlsplit(TOTP.uri(RFC_SECRET, "alice"))
    assert (parts.scheme, parts.netloc, parts.path) == ("otpauth", "totp", "/ITD%20Wallet:alice")
    assert parse_qs(parts.query) == {"secret": [RFC_SECRET], "issuer": ["ITD Wallet"]}
