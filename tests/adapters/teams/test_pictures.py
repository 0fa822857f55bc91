"""Every golden card in Microsoft's own renderer: it has nothing to say against one, and each fits a phone.

`PICTURES=folder pytest tests/adapters/teams/test_pictures.py` keeps the pictures.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from adapters.teams.cards import message_of
from chatbot.model import Choice, Choices, Citation, Kind, Notice, Part, Quote, Reply, Text
from tests.adapters.slack.samples import SCHOOL
from tests.adapters.teams.golden import FOLDER
from tests.adapters.teams.limits import OWN, buttons_of
from tests.adapters.teams.marks import PHONE
from tests.adapters.teams.renderer import Renderer, Shown, renderer
from tests.adapters.teams.samples import LISTS, NASTY
from tests.e2e.conftest import ARGUMENTS, CHROMIUM

GOLDEN = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
THEMES = ("light", "dark", "contrast")
TABLE = {"table", "tbody", "tr", "td"}
TAGS = TABLE | {"div", "span", "p", "br", "a", "button", "input", "label", "select", "option", "textarea"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for this file: while it runs, no test of another file may start an event loop."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: install it (apt-get install chromium, or make chromium)", pytrace=False)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module", params=THEMES)
def themed(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[str, Renderer]]:
    shows = renderer(browser, request.param)
    yield request.param, shows
    shows.page.close()


@pytest.fixture(scope="module")
def light(browser: Browser) -> Iterator[Renderer]:
    shows = renderer(browser, "light")
    yield shows
    shows.page.close()


def test_every_golden_card_is_drawn_on_a_phone(themed: tuple[str, Renderer], tmp_path: Path) -> None:
    theme, shows = themed
    folder = Path(os.environ.get("PICTURES", tmp_path))
    problems: dict[str, list[str]] = {}
    for name, golden in GOLDEN.items():
        shown = shows.show(golden["card"])
        found = [*shown.said, *(f"the tag {tag}" for tag in set(shown.tags) - TAGS)]
        found += ["nothing to see"] if shown.empty else []
        found += [f"{shown.wide} pixels too wide"] if shown.wide else []
        found += [f"{shown.unnamed} fields without a name"] if shown.unnamed else []
        found += [f"leads to {link}" for link in shown.links if not (OWN.fullmatch(link) or PHONE.fullmatch(link))]
        found += _unshown(golden, shown)
        picture = folder / f"{name}-{theme}.png"
        shows.picture(picture)
        found += ["no picture"] if picture.stat().st_size < 500 else []
        problems |= {name: found} if found else {}
    assert problems == {}


def test_a_client_without_universal_actions_shows_the_same_buttons(light: Renderer) -> None:
    for name, golden in GOLDEN.items():
        card = {key: part for key, part in golden["card"].items() if key != "refresh"}  # which they know nothing of
        shown = light.show(card, universal=False)
        assert _unshown(golden, shown) == [], name
        assert [said for said in shown.said if 'type "Action.Execute". Fallback will be used' not in said] == [], name


@pytest.mark.parametrize("text", [NASTY, *LISTS])
def test_nothing_typed_is_more_than_words_when_it_is_drawn(text: str, light: Renderer) -> None:
    tones = ("verdict", "review", "emergency", "concern", "duty", "closest")
    parts: tuple[Part, ...] = (
        *(Notice(tone, text) for tone in tones),
        Text(text),
        Quote(Citation(text, text, text, text)),
        Choices(tuple(Choice(f"{text}{at}", f"{text}{at}") for at in range(7))),
    )
    for kind in (Kind.ANSWER, Kind.ESCALATE):
        card = message_of(Reply(kind, parts, emergency=True), SCHOOL, turn_id="t", settled=None).card
        shown = light.show(card)
        assert shown.links == []
        assert set(shown.tags) <= TAGS - TABLE
        assert shown.said == []


def _unshown(golden: dict[str, Any], shown: Shown) -> list[str]:
    titles = [button["title"] for button in buttons_of(golden)]
    return [f"no button {title!r}" for title in titles if title not in shown.buttons]
