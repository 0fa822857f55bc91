"""`chatbot doctor` for Slack: token, scopes, channels, people, groups. Every finding says where to click."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.config import Config
from adapters.findings import Finding, Worth
from adapters.settings import Slack
from adapters.slack.client import SlackClient, SlackFailed, Tokens
from adapters.slack.manifest import SCOPES
from adapters.slack.notices import settled
from adapters.slack.site import posted
from chatbot.plan import Plan

APPS = "api.slack.com/apps, your app"
UNKNOWN = "unknown_method"


async def examine_slack(given: Slack, config: Config, tokens: Tokens, *, post: bool) -> list[Finding]:
    """Every finding about Slack. `post`: a marked test message goes to each channel of a route."""
    client = SlackClient(given.api_url, tokens)
    await client.open()
    try:
        found = [finding async for finding in _app_token(given)]
        for home, schools in config.slack.homes.items():
            plans = {school: config.plans[school] for school in schools}
            found += [finding async for finding in _home(home, plans, client, config, post=post)]
        return found
    finally:
        await client.close()


async def _app_token(given: Slack) -> AsyncIterator[Finding]:
    """Socket Mode."""
    if not given.app_token:
        return
    about = "Slack, Socket Mode"
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session:
            client = AsyncWebClient(base_url=given.api_url, session=session, retry_handlers=[])
            await client.apps_connections_open(app_token=given.app_token)
    except SlackApiError as error:
        data = error.response.data if isinstance(error.response.data, dict) else {}
        says = f"SLACK_APP_TOKEN is refused ({data.get('error', 'no answer')}): {APPS} → Basic Information → "
        yield Finding(Worth.BAD, about, f"{says}App-Level Tokens → one with connections:write; Socket Mode → Enable")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        yield Finding(Worth.BAD, about, f"{given.api_url} cannot be reached ({type(error).__name__})")
    else:
        yield Finding(Worth.GOOD, about, "the app token opens a line")


async def _home(
    home: str, plans: Mapping[str, Plan], client: SlackClient, config: Config, *, post: bool
) -> AsyncIterator[Finding]:
    about = f"Slack, {home}"
    try:
        answer, scopes = await client.identity(home)
    except SlackFailed as error:
        says = f"the bot token is refused ({error.kind}): {APPS} → Install App → (re)install, then copy the "
        yield Finding(Worth.BAD, about, f"{says}Bot User OAuth Token to SLACK_BOT_TOKEN")
        return
    team, grid = str(answer.get("team_id", "")), str(answer.get("enterprise_id") or "")
    if home not in (team, grid):
        says = f"the token is of {team} ({answer.get('team')}), chatbot.yaml says {home}; put the right id there"
        yield Finding(Worth.BAD, about, says)
    else:
        yield Finding(Worth.GOOD, about, f"{answer.get('team')}: the bot is {answer.get('user')}")
    missing = sorted(set(SCOPES) - scopes) if scopes is not None else []
    if missing:
        says = (
            f"lacks the scopes {', '.join(missing)}: {APPS} → App Manifest → paste manifest/slack.yaml, then reinstall"
        )
        yield Finding(Worth.BAD, about, says)
    for group in config.slack.groups:
        async for finding in _group(about, home, group, client):
            yield finding
    for school, plan in plans.items():
        async for finding in _school(school, plan, home, client, post=post):
            yield finding


async def _group(about: str, home: str, group: str, client: SlackClient) -> AsyncIterator[Finding]:
    try:
        members = (await client.call(home, "usergroups.users.list", usergroup=group)).get("users")
    except SlackFailed as error:
        yield _cannot(about, f"user group {group}", error, "People → User groups shows the ids; staff choose till then")
        return
    count = len(members) if isinstance(members, list) else 0
    yield Finding(Worth.GOOD if count else Worth.WARN, about, f"user group {group} has {count} members")


async def _school(school: str, plan: Plan, home: str, client: SlackClient, *, post: bool) -> AsyncIterator[Finding]:
    for route, channels in plan.channels.items():
        channel = channels.get("slack")
        if channel:
            async for finding in _channel(f"{school}, {route}", home, channel, client, post=post):
                yield finding
    for contact in plan.contacts:
        if not contact.slack:
            continue
        about = f"{school}, {contact.name}"
        try:
            user = (await client.call(home, "users.info", user=contact.slack)).get("user")
        except SlackFailed as error:
            where = "their profile → ⋮ → Copy member ID"
            yield _cannot(about, f"the Slack id {contact.slack}", error, where)
            continue
        if isinstance(user, Mapping) and (user.get("deleted") or user.get("is_bot")):
            what = "has been deactivated" if user.get("deleted") else "is a bot"
            yield Finding(Worth.BAD, about, f"{contact.slack} {what}: name somebody else in chatbot.yaml")


async def _channel(about: str, home: str, channel: str, client: SlackClient, *, post: bool) -> AsyncIterator[Finding]:
    try:
        info = (await client.call(home, "conversations.info", channel=channel)).get("channel")
    except SlackFailed as error:
        invite = "in a private channel invite the bot first: /invite @Policy guide; the id is in the channel’s details"
        yield _cannot(about, f"the channel {channel}", error, invite)
        return
    for finding in _judged(about, channel, info if isinstance(info, Mapping) else {}):
        yield finding
    if post:
        try:
            test = settled("This is a test by chatbot doctor: no report. Nothing has to be done.")
            await client.call(home, "chat.postMessage", channel=channel, **posted(test))
        except SlackFailed as error:
            yield Finding(Worth.BAD, about, f"the test message was refused ({error.kind}): /invite @Policy guide there")
        else:
            yield Finding(Worth.GOOD, about, f"a test message is in {channel}")


def _judged(about: str, channel: str, info: Mapping[str, object]) -> Iterator[Finding]:
    if info.get("is_archived"):
        yield Finding(Worth.BAD, about, f"the channel {channel} is archived: name another in chatbot.yaml")
    elif not info.get("is_member"):
        yield Finding(Worth.BAD, about, f"the bot is not in {channel}: type /invite @Policy guide there")
    else:
        yield Finding(Worth.GOOD, about, f"the bot is in {channel}")
    if info.get("is_channel") and not info.get("is_private"):
        says = f"the channel {channel} is public: everybody in the workspace sees that there are reports"
        yield Finding(Worth.WARN, about, f"{says}; make it private (channel details → Settings)")


def _cannot(about: str, what: str, error: SlackFailed, do: str) -> Finding:
    if error.kind == UNKNOWN:
        return Finding(Worth.WARN, about, f"{what} cannot be looked at here: this server does not know the method")
    return Finding(Worth.BAD, about, f"{what} cannot be looked at ({error.kind}): {do}")
