"""A chart of balances: a picture that is readable on light and on dark, and a line of blocks for its caption."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from wallet_core.domain.money import Asset, plain
from wallet_core.use_cases.daily_balances import DayBalance

_BLOCKS: Final = "▁▂▃▄▅▆▇█"
_WIDTH, _HEIGHT, _MARGIN, _FONT_SIZE = 960, 540, 56, 24
# A background of its own, between the chat's light and dark, so that the picture needs to know of neither.
_BACKGROUND, _GRID, _TEXT = (30, 41, 59), (71, 85, 105), (226, 232, 240)
_BAR, _LAST_BAR = (56, 139, 253), (63, 185, 129)
_GRID_LINES: Final = 4


def sparkline(values: Sequence[int]) -> str:
    """One block for each value, from zero to the highest."""
    highest = max(values) or 1
    return "".join(_BLOCKS[value * (len(_BLOCKS) - 1) // highest] for value in values)


def balance_png(days: Sequence[DayBalance]) -> bytes:
    """A bar for each day, from zero to the highest, which is written beside it. Takes several milliseconds."""
    image = Image.new("RGB", (_WIDTH, _HEIGHT), _BACKGROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(_FONT_SIZE)
    highest = max(day.balance_minor for day in days)
    top, bottom = 2 * _MARGIN, _HEIGHT - _MARGIN
    for line in range(_GRID_LINES + 1):
        y = bottom - (bottom - top) * line // _GRID_LINES
        draw.line((_MARGIN, y, _WIDTH - _MARGIN, y), _GRID, 1)
    _draw_bars(draw, [day.balance_minor * (bottom - top) // (highest or 1) for day in days], bottom)
    draw.text((_MARGIN, top - 8), f"{plain(highest, Asset.ITD)} {Asset.ITD}", _TEXT, font, "lb")
    draw.text((_MARGIN, bottom + 8), f"{days[0].day}", _TEXT, font, "lt")
    draw.text((_WIDTH - _MARGIN, bottom + 8), f"{days[-1].day}", _TEXT, font, "rt")
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _draw_bars(draw: ImageDraw.ImageDraw, heights: Sequence[int], bottom: int) -> None:
    step = (_WIDTH - 2 * _MARGIN) / len(heights)
    for number, height in enumerate(heights):
        left, right = _MARGIN + number * step, _MARGIN + (number + 1) * step - step / 5
        color = _LAST_BAR if number == len(heights) - 1 else _BAR
        draw.rectangle((left, bottom - max(height, 2), right, bottom), color)
