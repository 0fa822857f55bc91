"""The app as Teams is told of it: its manifest, and the package that an administrator uploads."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from adapters.settings import GUID
from adapters.settings_fields import HOST
from adapters.teams.actions import ASK_COMMAND, IS_OK_COMMAND, RAISE_COMMAND, REPORT_COMMAND, SEARCH_COMMAND

NAME = "Policy guide"
SCHEMA_VERSION = "1.25"
"""From 1.25 on an app for teams has to say `supportsChannelFeatures`: Teams refuses the upload otherwise."""
SEARCH_PARAMETER = "query"
"""What is typed into the search comes under this name."""
ICONS = Path(__file__).parent / "icons"
COLOR, OUTLINE = "color.png", "outline.png"

_ADDRESS = rf"https://{HOST}(:[0-9]+)?(/[^\s?#@\\]*)?"
_VERSION = r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}"
_SCOPES = ["personal", "team", "groupChat"]
_COMPOSE = ["compose", "commandBox"]
_DESCRIPTION = "Your school’s social media policy, with the clause. Passes concerns on."
_LONG = (
    "Ask in your own words: “can I accept a friend request from a former pupil?” The answer is what your own school’s "
    "social media policy says, with the clause word for word, or plainly that the policy does not say, and whom to "
    "ask.\n\nTell it about a worry for a child or about an adult’s conduct, and it passes that on to the safeguarding "
    "lead, and tells you whether somebody has seen it. In an emergency call 999 first.\n\nThere is no language model: "
    "the same words always get the same answer. What you type goes to your school’s own server, by way of Microsoft "
    "Teams, and to nobody else. The bot reads only what is said to it."
)
_COMMANDS = (
    ("help", "What you can ask, and how to report a concern."),
    ("which school am I in", "Whose policy the answers come from."),
    ("report a concern", "How a worry about a child or an adult is passed on to the safeguarding lead."),
    ("Can I befriend a former pupil?", "A question, as an example. Ask yours in your own words."),
    ("Can I post photos of pupils?", "Another example."),
    ("Can I message a pupil?", "Another example."),
)
"""What is offered beside the message box: choosing one sends its first part."""


def faults(app_id: str, address: str, version: str) -> tuple[str, ...]:
    """What is missing or wrong of the three things that a manifest is made from; nothing where all are right."""
    found = []
    if not app_id:
        found.append("there is no app id: set TEAMS_APP_ID or --app-id to the bot's Entra application (client) id")
    elif not re.fullmatch(GUID, app_id):
        found.append(f"the app id should be like 11111111-2222-3333-4444-555555555555, not {app_id!r}")
    if not address:
        found.append("there is no address: set CHATBOT_PUBLIC_URL or --address to where Teams reaches the server")
    elif not re.fullmatch(_ADDRESS, address):
        found.append(f"the address should be like https://policy.example.org, not {address!r}")
    if not re.fullmatch(_VERSION, version):
        found.append(f"the version should be three numbers like 1.4.0, not {version!r}")
    return tuple(found)


def manifest(app_id: str, address: str, version: str) -> dict[str, object]:
    """The manifest of the bot with this Entra application id, at this public address. Raises ValueError: `faults`."""
    if wrong := faults(app_id, address, version):
        raise ValueError("; ".join(wrong))
    bot, policies = app_id.lower(), f"{address.rstrip('/')}/policies"
    return {
        "$schema": f"https://developer.microsoft.com/json-schemas/teams/v{SCHEMA_VERSION}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA_VERSION,
        "version": version,
        "id": bot,
        "localizationInfo": {"defaultLanguageTag": "en-gb"},
        "developer": {
            "name": "Staff policy chatbot",
            "websiteUrl": policies,
            "privacyUrl": policies,
            "termsOfUseUrl": policies,
        },
        "name": {"short": NAME, "full": "Policy guide: your school’s policy and a way to report concerns"},
        "description": {"short": _DESCRIPTION, "full": _LONG},
        "icons": {"color": COLOR, "outline": OUTLINE},
        "accentColor": "#14505C",
        "bots": [
            {
                "botId": bot,
                "scopes": _SCOPES,
                "isNotificationOnly": False,
                "supportsFiles": False,
                "commandLists": [
                    {"scopes": _SCOPES, "commands": [{"title": t, "description": d} for t, d in _COMMANDS]},
                ],
            }
        ],
        "composeExtensions": [{"botId": bot, "canUpdateConfiguration": False, "commands": _extension()}],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [urlsplit(address).netloc.partition(":")[0]],
        "supportsChannelFeatures": "tier1",
        "defaultInstallScope": "personal",
    }


def manifest_text(made: Mapping[str, object]) -> str:
    """The manifest as a file."""
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def package(made: Mapping[str, object]) -> bytes:
    """The zip that is uploaded: manifest and icons at its root. The same manifest gives the same bytes."""
    icons = {name: (ICONS / name).read_bytes() for name in (COLOR, OUTLINE)}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, content in {"manifest.json": manifest_text(made).encode(), **icons}.items():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # as if made on Unix, wherever it is made
            archive.writestr(entry, content)
    return held.getvalue()


def _extension() -> list[dict[str, object]]:
    """The commands of the message extension: beside the message box, in the search bar, and on each message."""
    search: dict[str, object] = {
        "id": SEARCH_COMMAND,
        "type": "query",
        "context": _COMPOSE,
        "title": "Search the policy",
        "description": "Find a clause or an answer, and put it into your message.",
        "parameters": [
            {
                "name": SEARCH_PARAMETER,
                "title": "Search",
                "description": "Words of the policy, or a question",
                "inputType": "text",
            }
        ],
    }
    return [
        search,
        _action(ASK_COMMAND, _COMPOSE, "Ask the policy", "What does our policy say? Only you see the answer."),
        _action(REPORT_COMMAND, _COMPOSE, "Report a concern", "Pass a worry on to the safeguarding lead."),
        _action(IS_OK_COMMAND, ["message"], "Is this OK?", "Look this message up in our policy."),
        _action(RAISE_COMMAND, ["message"], "Pass to the DSL", "Pass this message on as a concern."),
    ]


def _action(command: str, context: list[str], title: str, description: str) -> dict[str, object]:
    named = {"id": command, "type": "action", "title": title, "description": description}
    return {**named, "context": context, "fetchTask": True}
