"""What concerns the app itself: whose token it is, sockets, installing it, and the agent's conversation."""

from __future__ import annotations

import secrets
from typing import Any

from tests.e2e.fakes.slack_messages import structure
from tests.e2e.fakes.slack_methods import Asked, method
from tests.e2e.fakes.slack_state import APP_ID, Channel, Json, SlackError, Token, World, invalid

PROMPTS = 4


@method("auth.test")
def auth_test(asked: Asked) -> Json:
    """Whose token this is."""
    team = asked.team
    enterprise = {"enterprise_id": team.enterprise_id} if team.enterprise_id else {}
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": "policy",
        "team_id": team.id,
        "user_id": team.bot_user,
        "bot_id": team.bot_id,
        "is_enterprise_install": team.org_install,
        **enterprise,
    }


@method("apps.connections.open", by="app")
def connections_open(asked: Asked) -> Json:
    """A place for one new Socket Mode connection."""
    ticket = secrets.token_urlsafe(16)
    asked.world.tickets.add(ticket)
    return {"url": f"{asked.world.base.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={APP_ID}"}


@method(
    "oauth.v2.access",
    optional=("client_id", "client_secret", "code", "redirect_uri", "grant_type", "refresh_token"),
    form_only=True,
    by=None,
)
def oauth_access(asked: Asked) -> Json:
    """A bot token for the code of somebody who approved the app, or for a refresh token."""
    world = asked.world
    if asked["client_id"] != world.client_id:
        raise SlackError("invalid_client_id")
    if asked["client_secret"] != world.client_secret:
        raise SlackError("bad_client_secret")
    if asked["grant_type"] == "refresh_token":
        if (team_id := world.refreshes.pop(str(asked["refresh_token"]), None)) is None:
            raise SlackError("invalid_refresh_token")
    elif (team_id := world.codes.pop(str(asked["code"]), None)) is None:
        raise SlackError("invalid_code")
    return _installed(world, team_id)


def _installed(world: World, team_id: str) -> Json:
    team = world.teams[team_id]
    lasting: Json = {}
    if world.rotates:
        refresh = f"xoxe-1-{secrets.token_hex(12)}"
        world.refreshes[refresh] = team.id
        team.bot_token = f"xoxe.xoxb-1-{secrets.token_hex(12)}"
        world.tokens[team.bot_token] = Token("bot", [team.id])
        lasting = {"refresh_token": refresh, "expires_in": 43_200}
    elif world.tokens[team.bot_token].trouble:
        team.bot_token = f"xoxb-{team.id}-{secrets.token_hex(12)}"
        world.tokens[team.bot_token] = Token("bot", [team.id])
    enterprise = {"id": team.enterprise_id, "name": "Grid"} if team.enterprise_id else None
    return {
        "access_token": team.bot_token,
        "token_type": "bot",
        "scope": ",".join(sorted(world.scopes)),
        "bot_user_id": team.bot_user,
        "app_id": APP_ID,
        "team": None if team.org_install else {"id": team.id, "name": team.name},
        "enterprise": enterprise,
        "is_enterprise_install": team.org_install,
        "authed_user": {"id": next((each.id for each in world.users.values() if each.team == team.id), "")},
        **lasting,
    }


def _conversation(asked: Asked) -> Channel:
    channel = asked.channel(key="channel_id")
    if channel.kind != "im":
        raise SlackError("channel_not_found")
    return channel


@method(
    "assistant.threads.setSuggestedPrompts",
    scopes=("assistant:write",),
    required=("channel_id", "prompts"),
    optional=("thread_ts", "title"),
)
def suggest(asked: Asked) -> Json:
    """Up to four questions to pick from. Given a thread, an agent's call says ok and does nothing."""
    channel = _conversation(asked)
    prompts = structure(asked["prompts"], "invalid_arguments")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= PROMPTS:
        raise invalid(f"prompts: from 1 to {PROMPTS} [json-pointer:/prompts]")
    for index, each in enumerate(prompts):
        if not _is_prompt(each):
            raise invalid(f"must have a title and a message [json-pointer:/prompts/{index}]")
    if asked.world.agent and asked["thread_ts"]:
        asked.world.fault(
            "prompts_in_thread", asked.call.method, "an agent's prompts with thread_ts are lost in silence"
        )
        return {}
    channel.prompts = list(prompts)
    return {}


def _is_prompt(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and set(given) == {"title", "message"}
        and all(isinstance(each, str) and each for each in given.values())
    )


@method(
    "assistant.threads.setStatus",
    scopes=("assistant:write", "chat:write"),
    required=("channel_id", "thread_ts"),
    optional=("status", "loading_messages", "icon_emoji", "icon_url", "username"),
)
def set_status(asked: Asked) -> Json:
    """What the bot is said to be doing."""
    channel = asked.channel(key="channel_id")
    if asked["status"] is None:
        raise invalid("missing required field: status")
    channel.status = str(asked["status"])
    return {}


@method("assistant.threads.setTitle", scopes=("assistant:write",), required=("channel_id", "thread_ts", "title"))
def set_title(asked: Asked) -> Json:
    """What a conversation is called in the history."""
    channel = _conversation(asked)
    if asked.world.message(channel, str(asked["thread_ts"])) is None:
        raise SlackError("invalid_thread_ts")
    channel.titles[str(asked["thread_ts"])] = str(asked["title"])
    return {}
