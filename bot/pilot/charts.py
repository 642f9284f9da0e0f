"""Bars as a picture (SVG), made here so that no script is needed. What it shows stands in a table beside it as well."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement, tostring

from bot.pilot.figures import PERIODS, Shown

LABEL, BAR, ROW, GAP, VALUE = 330, 300, 16, 12, 120
"""Widths of label, bars and values, height of a bar, space between groups of bars, in user units."""


def bars(rows: list[Shown], title: str) -> str:
    """One group of figures: for each a bar a period, to one scale. Colours come from the style sheet (`bar-0` and so on)."""
    longest = max((bar for row in rows for bar in row.bars if bar), default=1.0)
    each = ROW * len(PERIODS) + GAP
    svg = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "chart", "role": "img", "aria-label": title})
    svg.set("viewBox", f"0 0 {LABEL + BAR + VALUE} {each * len(rows) + GAP}")
    for number, row in enumerate(rows):
        _group(svg, row, GAP + number * each, longest)
    return tostring(svg, encoding="unicode")


def _group(svg: Element, row: Shown, top: int, longest: float) -> None:
    _text(svg, LABEL - 10, top + ROW * len(PERIODS) / 2 + 4, row.name, "end")
    for number, (bar, words) in enumerate(zip(row.bars, row.words)):
        y, width = top + number * ROW, max(1.0, (bar or 0) / longest * BAR)
        SubElement(svg, "rect", {"x": str(LABEL), "y": str(y + 1), "width": f"{width:.1f}", "height": str(ROW - 2), "class": f"bar-{number}"})
        _text(svg, LABEL + width + 6, y + ROW - 4, words, "start")


def _text(svg: Element, x: float, y: float, words: str, anchor: str) -> None:
    SubElement(svg, "text", {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor}).text = words
