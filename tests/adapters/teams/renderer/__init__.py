"""Microsoft's own renderer of Adaptive Cards in Debian's chromium.

Its packages are installed by npm, in the versions of package-lock.json, into a cache folder outside the repository.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page

HERE = Path(__file__).parent
PHONE = 344
"""Pixels of a phone, of which Teams leaves a card about twenty less."""
_MANIFEST, _LOCK = HERE / "package.json", HERE / "package-lock.json"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the renderer made of a card."""

    said: list[str]
    empty: bool
    words: str
    links: list[str]
    tags: list[str]
    buttons: list[str]
    unnamed: int
    wide: int


@dataclass(frozen=True, slots=True)
class Renderer:
    """A page that shows cards at phone width, in one of Teams' themes."""

    page: Page
    host: Mapping[str, Any]

    def show(self, card: Mapping[str, object], *, universal: bool = True) -> Shown:
        """Show a card; `universal`: as a client that knows Action.Execute."""
        made = self.page.evaluate(
            "([card, host, universal]) => show(card, host, universal)", [card, self.host, universal]
        )
        return Shown(**made)

    def picture(self, path: Path) -> None:
        """Save what is shown."""
        self.page.locator("#card").screenshot(path=path)


def renderer(browser: Browser, theme: str, width: int = PHONE) -> Renderer:
    """A page for `theme`: light, dark or contrast."""
    folder = installed()
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="light" if theme == "light" else "dark",
        forced_colors="active" if theme == "contrast" else "none",
    )
    page.set_default_timeout(20_000)
    shade = "light" if theme == "light" else "dark"
    ground = {"light": "#ffffff", "dark": "#2d2c2c", "contrast": "#000000"}[theme]
    page.set_content(
        f'<html lang="en"><style>body{{margin:0;background:{ground}}}#card{{padding:4px}}'
        "button{margin-bottom:4px}</style><body><div id=card><div id=frame></div></div></body></html>"
    )
    designer = folder / "adaptivecards-designer"
    for style in (
        folder / "adaptivecards/dist/adaptivecards.css",
        designer / f"dist/containers/teams-container-{shade}.css",
    ):
        page.add_style_tag(path=style)
    for script in ("adaptivecards/dist/adaptivecards.min.js", "markdown-it/dist/markdown-it.min.js"):
        page.add_script_tag(path=folder / script)
    page.add_script_tag(path=HERE / "page.js")
    host = json.loads((designer / f"lib/hostConfigs/microsoft-teams-{shade}.json").read_text("utf-8"))
    return Renderer(page, host)


def installed() -> Path:
    """Where npm has put the packages; installed now where they are not."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "staff-policy-chatbot"
    folder = base / f"cards-{hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:16]}"
    base.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not (folder / "done").exists():
            _install(folder)
    return folder / "node_modules"


def _install(folder: Path) -> None:
    why = "Microsoft's renderer of cards is not there, and npm could not install it"
    npm = shutil.which("npm")
    if npm is None:
        pytest.fail(f"{why}: there is no npm (Debian: apt-get install npm)", pytrace=False)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file in (_MANIFEST, _LOCK):
        shutil.copy(file, folder)
    quiet = (
        "--ignore-scripts",
        "--legacy-peer-deps",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        "--fetch-retries=1",
    )
    try:
        subprocess.run([npm, "ci", *quiet], cwd=folder, capture_output=True, text=True, timeout=240, check=True)
    except subprocess.TimeoutExpired:
        pytest.fail(f"{why}: its registry did not answer within four minutes", pytrace=False)
    except subprocess.CalledProcessError as error:
        pytest.fail(f"{why}: {error.stderr.strip()[-600:]}", pytrace=False)
    (folder / "done").touch()
