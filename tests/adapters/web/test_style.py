"""Colours: words can be read in light and in dark (WCAG AA)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[3] / "adapters/web/static/style.css").read_text(encoding="utf-8")
ROOTS = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
VERDICTS = ("allowed", "not_allowed", "depends", "required", "info")
PAIRS = [
    *(("ink", ground) for ground in ("paper", "card", "asked", "mark", *(f"{v}-bg" for v in VERDICTS))),
    *(("soft", ground) for ground in ("paper", "card")),
    *(("link", ground) for ground in ("paper", "card", "depends-bg", "required-bg")),
    *((verdict, f"{verdict}-bg") for verdict in VERDICTS),
    ("not_allowed", "card"),
    *((verdict, "paper") for verdict in ("allowed", "depends")),
    ("on-brand", "brand"),
]


def _colours(dark: bool) -> dict[str, str]:
    colours: dict[str, str] = {}
    for block in ROOTS[: 2 if dark else 1]:
        colours |= dict(re.findall(r"--([\w-]+): #([0-9a-f]{6})", block))
    return colours


def _light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    bright, dim = sorted((_light(one), _light(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_stand_out_from_their_ground(words: str, ground: str, dark: bool) -> None:
    colours = _colours(dark)
    assert _contrast(colours[words], colours[ground]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_edge_of_a_field_can_be_seen(dark: bool) -> None:
    colours = _colours(dark)
    assert _contrast(colours["edge"], colours["card"]) >= 3
    assert _contrast(colours["edge"], colours["paper"]) >= 3
