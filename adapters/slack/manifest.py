"""The app as Slack is told of it: one source for both manifests, so that what is asked for is what is used."""

from __future__ import annotations

import yaml

from adapters.slack.actions import ASK_SHORTCUT, COMMAND, IS_OK_SHORTCUT, RAISE_SHORTCUT, REPORT_SHORTCUT
from adapters.slack.client import METHODS

NAME = "Policy guide"
EVENTS = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "message.im": ("im:history",),
    "app_uninstalled": (),
    "tokens_revoked": (),
}
"""What is listened for, with the scopes that it needs."""
SURFACES = ("commands",)
"""Scopes of the command and the shortcuts."""
SCOPES: tuple[str, ...] = tuple(
    sorted(
        {scope for scopes in METHODS.values() for scope in scopes.split()}
        | {scope for scopes in EVENTS.values() for scope in scopes}
        | set(SURFACES)
    )
)
"""What the bot asks for: no more than its methods, events and surfaces need."""
ADDRESS = "https://YOUR-ADDRESS"
"""Stands for the school's own address in the manifest for HTTP."""

_DESCRIPTION = "Answers from your school's social media policy, with the clause. Passes concerns on to a person."
_LONG = (
    "Ask in your own words: “can I accept a friend request from a former pupil?” The answer is what your own school’s "
    "social media policy says, with the clause word for word, or plainly that the policy does not say, and whom to "
    "ask. No language model: the same words always get the same answer, and what you type never leaves your school’s "
    "own server, except to Slack. Tell it about a worry for a child or about an adult’s conduct, and it passes that on "
    "to the safeguarding lead, and tells you whether somebody has seen it. In an emergency call 999 first."
)


def manifest(*, socket: bool, address: str = ADDRESS) -> dict[str, object]:
    """The manifest for Socket Mode, or for HTTP at `address`."""
    url = {} if socket else {"url": f"{address}/slack/events"}
    request_url = {} if socket else {"request_url": f"{address}/slack/events"}
    command = {
        "command": COMMAND,
        "description": "Ask your school's policy, or report a concern",
        "usage_hint": "can I … ? | help | school | report …",
        "should_escape": True,
        **url,
    }
    shortcuts = [
        _shortcut("Ask the policy", "global", ASK_SHORTCUT, "What does our policy say? Only you see the answer."),
        _shortcut("Report a concern", "global", REPORT_SHORTCUT, "Pass a worry on to the safeguarding lead."),
        _shortcut("Is this OK?", "message", IS_OK_SHORTCUT, "Look this message up in our policy."),
        _shortcut("Pass to the DSL", "message", RAISE_SHORTCUT, "Pass this message on as a concern."),
    ]
    return {
        "_metadata": {"major_version": 2, "minor_version": 0},
        "display_information": {
            "name": NAME,
            "description": _DESCRIPTION,
            "long_description": _LONG,
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": [command],
            "shortcuts": shortcuts,
            "agent_view": {"agent_description": _DESCRIPTION},
        },
        "oauth_config": {
            "scopes": {"bot": list(SCOPES)},
            **({} if socket else {"redirect_urls": [f"{address}/slack/oauth_redirect"]}),
        },
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": True,
            "socket_mode_enabled": socket,
            "token_rotation_enabled": False,
        },
    }


def manifest_text(*, socket: bool, address: str = ADDRESS) -> str:
    """The manifest as a file."""
    way = "Socket Mode: no public address is needed" if socket else f"HTTP at {address}"
    head = f"# Made by `chatbot manifest slack` for {way}. manifest/README.md says what to do with it.\n"
    made = manifest(socket=socket, address=address or ADDRESS)
    return head + yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=110)


def _shortcut(name: str, kind: str, callback: str, description: str) -> dict[str, str]:
    return {"name": name, "type": kind, "callback_id": callback, "description": description}
