"""The ratios as bars in an SVG that needs nothing else and is readable on light and on dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from tests.benchmarks.results import Row

WIDTH: Final = 1_000
LINE: Final = 24
_BARS_FROM, _BARS_TO = 340, 740
_HEAD: Final = 30
_STYLE: Final = """
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .head { font-weight: 600 } .small { font-size: 11px; fill: #57606a }
  .more { fill: #2f81f7 } .less { fill: #bf8700 }
  .grid { stroke: #8c959f; stroke-opacity: .35 } .one { stroke: #57606a }
  .spread { stroke: #24292f } .reach { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .small { fill: #9198a1 } .one { stroke: #9198a1 } .spread { stroke: #e6edf3 }
    .reach { fill: #ff7b72 }
  }
"""


@dataclass(frozen=True, slots=True)
class _Scale:
    """Powers of two at equal distances."""

    low: int
    high: int

    def x(self, ratio: float) -> float:
        """Where a ratio stands."""
        part = (math.log2(ratio) - self.low) / (self.high - self.low)
        return round(_BARS_FROM + part * (_BARS_TO - _BARS_FROM), 1)


def svg(rows: Sequence[Row]) -> str:
    """The picture of all rows that have ratios."""
    sections = [
        ("more is better", "more", [row for row in rows if row.ratios and row.more_is_better]),
        ("less is better", "less", [row for row in rows if row.ratios and not row.more_is_better]),
    ]
    scale = _scale_of([row for _, _, some in sections for row in some])
    parts: list[str] = []
    y = 10
    for title, colour, some in sections:
        if not some:
            continue
        bottom = y + _HEAD + LINE * len(some)
        parts += [_text(10, y + 18, title, "head"), *_grid(scale, y + 18, bottom)]
        parts += [_bar(row, scale, y + _HEAD + LINE * place, colour) for place, row in enumerate(some)]
        y = bottom + 16
    parts.append(_text(10, y + 6, "Bars are medians, thin lines the spread of the rounds, triangles the aim.", "small"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y + 18}" '
        f'viewBox="0 0 {WIDTH} {y + 18}" role="img" aria-label="Ratios of the benchmarks">\n'
        f"<style>{_STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def _scale_of(rows: Sequence[Row]) -> _Scale:
    values = [1.0, *(value for row in rows for value in (*row.spread, row.reach.ratio if row.reach else 1.0))]
    return _Scale(math.floor(math.log2(min(values))), max(1, math.ceil(math.log2(max(values)))))


def _grid(scale: _Scale, top: int, bottom: int) -> list[str]:
    parts = []
    for power in range(scale.low, scale.high + 1):
        x, kind = scale.x(2.0**power), "one" if power == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{x}" y1="{top + 6}" x2="{x}" y2="{bottom}"/>')
        parts.append(_text(x, top, f"{2.0**power:g}×", "small", "middle"))
    return parts


def _bar(row: Row, scale: _Scale, y: int, colour: str) -> str:
    one, end = scale.x(1), scale.x(row.ratio)
    low, high = (scale.x(value) for value in row.spread)
    middle = y + LINE // 2
    parts = [
        _text(_BARS_FROM - 10, middle + 4, row.what, anchor="end"),
        f'<rect class="{colour}" x="{min(one, end)}" y="{y + 4}" width="{max(1, abs(end - one)):.1f}" height="14"/>',
        f'<line class="spread" x1="{low}" y1="{middle - 1}" x2="{high}" y2="{middle - 1}"/>',
        _text(_BARS_TO + 14, middle + 4, f"{row.ratio:.3g}× {row.compared_with}"),
    ]
    if row.reach:
        x = scale.x(row.reach.ratio)
        parts.append(f'<path class="reach" d="M{x} {y + 9}l-5 -8h10z"/>')
    return "".join(parts)


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'
