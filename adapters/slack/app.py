"""Slack inside our web application: HTTP or Socket Mode in, slack-bolt in the middle, our listeners behind it."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chat.faults import log_failed
from adapters.chat.shapes import text_at
from adapters.settings import Slack
from adapters.slack import actions
from adapters.slack.client import SlackFailed, Tokens
from adapters.slack.homes import Homes
from adapters.slack.intake import parsed, read_body, verified
from adapters.slack.notices import settled
from adapters.slack.notify import SlackNotifier
from adapters.slack.presses import Presses
from adapters.slack.reports import Reports
from adapters.slack.site import Site, first_action
from adapters.slack.speaker import Speaker
from adapters.slack.submissions import Submissions
from adapters.slack.talk import Talk
from adapters.slack.turns import sender_of

log = logging.getLogger("chatbot.slack")

ROUTE = "/slack/events"
PING_SECONDS = 4
"""A line that has dropped without a word is noticed after this many seconds."""
OLD_BUTTON = "This button is from an older version and does nothing any more. Ask again, or look at your Home tab."

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SlackApp:
    """Slack as this process serves it, from start() to stop()."""

    site: Site
    settings: Slack
    tokens: Tokens
    notifier: SlackNotifier
    talk: Talk
    presses: Presses
    submissions: Submissions
    reports: Reports
    homes: Homes
    bolt: AsyncApp
    _socket: list[AsyncSocketModeHandler] = field(default_factory=list)
    _bots: dict[str, str] = field(default_factory=dict)

    async def start(self) -> None:
        """Open the session, let alerts go out, and connect where it is Socket Mode."""
        await self.site.client.open()
        self.notifier.bind(self.talk.speaker, asyncio.get_running_loop())
        if self.settings.app_token:
            client = AsyncWebClient(base_url=self.settings.api_url)
            handler = AsyncSocketModeHandler(
                self.bolt, self.settings.app_token, web_client=client, ping_interval=PING_SECONDS
            )
            self._socket.append(handler)
            task = asyncio.create_task(self._connected(handler))
            self.talk.speaker.hold(task)

    async def stop(self) -> None:
        """Take nothing in any more, let out what is under way, and close."""
        for handler in self._socket:
            await handler.close_async()  # type: ignore[no-untyped-call]  # bolt's own
        self.notifier.unbind()
        await self.talk.speaker.settle()
        await self.site.client.close()

    async def events(self, request: web.Request) -> web.Response:
        """POST /slack/events: all that Slack sends over HTTP."""
        body = await read_body(request)
        try:
            verified(body, request.headers, self.settings.signing_secret, self.site.clock.now().timestamp())
        except web.HTTPUnauthorized:
            log.warning("a request was not signed by Slack, or too long ago: it was refused")
            raise
        payload = parsed(body, request.content_type)
        headers: dict[str, str | Sequence[str]] = {
            k: v for k, v in request.headers.items() if k.lower().startswith("x-slack-retry-")
        }
        try:
            answer = await self.bolt.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=payload, headers=headers))
        except (
            TypeError,
            AttributeError,
            LookupError,
            ValueError,
        ) as error:  # bolt itself, before any listener of ours
            log.warning("a payload is not what bolt expects: %s", type(error).__name__)
            raise web.HTTPBadRequest from error
        if answer.status == 404:  # nothing of ours listens for it: Slack must not send it again
            log.info("nothing listens for %s", text_at(payload, "type") or "a command")
            return web.Response()
        kind = answer.first_headers().get("content-type", "text/plain;charset=utf-8")
        return web.Response(status=answer.status, text=answer.body or "", headers={"Content-Type": kind})

    async def _connected(self, handler: AsyncSocketModeHandler) -> None:
        """Connect; while Slack is away try again, as the client itself does once it was connected."""
        pause = 1.0
        while True:
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]  # bolt's own
            except Exception as error:  # whatever the client raises, the bot must come up when Slack does
                log.error("no connection to Slack yet: %s", type(error).__name__)
                await asyncio.sleep(pause)
                pause = min(60.0, pause * 2)
            else:
                log.info("connected to Slack by Socket Mode")
                return

    async def bot_user(self, body: Mapping[str, object]) -> str:
        """The bot's own user id in the workspace of a request; "" while Slack does not tell."""
        listed = body.get("authorizations")
        first = listed[0] if isinstance(listed, list) and listed else None
        if isinstance(first, Mapping) and first.get("is_bot"):
            return text_at(first, "user_id")
        sender = sender_of(body)
        home = sender.home if sender is not None else ""
        if home and home not in self._bots:
            try:
                self._bots[home] = str((await self.site.client.call(home, "auth.test")).get("user_id", ""))
            except SlackFailed as error:
                log.warning("the bot's own id cannot be asked for: %s", error.kind)
        return self._bots.get(home, "")


def make_slack(site: Site, settings: Slack, tokens: Tokens, notifier: SlackNotifier) -> SlackApp:
    """Slack over `site`; `notifier` is bound to it when it starts."""

    async def authorize(enterprise_id: str | None, team_id: str | None, **_: object) -> Any:
        home = ".".join(part for part in (team_id, enterprise_id) if isinstance(part, str) and part)
        token = await tokens.of(home)  # what it raises is no SlackApiError: then Slack sends the event again
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token) if token else None

    bolt = AsyncApp(
        authorize=authorize,
        signing_secret=settings.signing_secret or "checked by our own route",
        process_before_response=True,
        request_verification_enabled=False,
        ignoring_self_events_enabled=False,
        ignoring_self_assistant_message_events_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        attaching_function_token_enabled=False,
        client=AsyncWebClient(base_url=settings.api_url),
    )
    speaker = Speaker(site)
    talk = Talk(site, speaker)
    homes = Homes(site)
    presses = Presses(site, talk)
    submissions, reports = Submissions(site, talk, homes), Reports(site, presses, homes)
    app = SlackApp(site, settings, tokens, notifier, talk, presses, submissions, reports, homes, bolt)
    _listen(app)
    return app


def _listen(app: SlackApp) -> None:  # noqa: C901  # one line or two for each surface
    bolt, talk, presses, forms = app.bolt, app.talk, app.presses, app.submissions

    @bolt.error
    async def failed(error: Exception, body: Body) -> BoltResponse:
        log_failed(log, text_at(body, "type") or "a command", error)
        return BoltResponse(status=500, body="")

    @bolt.event("message")
    async def message(body: Body, req: AsyncBoltRequest) -> None:
        await talk.message(body, await app.bot_user(body), again=_again(req))

    @bolt.event("app_mention")
    async def mention(body: Body, req: AsyncBoltRequest) -> None:
        await talk.mention(body, await app.bot_user(body), again=_again(req))

    @bolt.event("app_home_opened")
    async def opened(body: Body) -> None:
        await app.homes.opened(body)

    @bolt.event("app_uninstalled")
    @bolt.event("tokens_revoked")
    async def removed(body: Body) -> None:
        home = ".".join(part for part in (text_at(body, "team_id"), text_at(body, "enterprise_id")) if part)
        log.warning("the bot was removed from %s", home)
        await app.tokens.forget(home)

    @bolt.command(actions.COMMAND)
    async def command(body: Body, ack: AsyncAck) -> None:
        await talk.command(body, ack)

    opens = {
        actions.ASK_SHORTCUT: actions.ASK_FORM,
        actions.REPORT_SHORTCUT: actions.REPORT_FORM,
        actions.IS_OK_SHORTCUT: actions.IS_OK_FORM,
        actions.RAISE_SHORTCUT: actions.RAISE_FORM,
    }
    for shortcut, form in opens.items():
        bolt.shortcut(shortcut)(_opening(forms, form))
    for button, form in {
        actions.ASK: actions.ASK_FORM, actions.REPORT: actions.REPORT_FORM, actions.SCHOOL: actions.SCHOOL_FORM,
    }.items():  # fmt: skip
        bolt.action(button)(_opening(forms, form))
    for submitted, declared in {
        actions.ASK_FORM: False, actions.IS_OK_FORM: False, actions.REPORT_FORM: True, actions.RAISE_FORM: True,
    }.items():  # fmt: skip
        bolt.view(submitted)(_submitting(forms, declared=declared))
    for finished in (actions.HAND_OVER_FORM, actions.CLOSE_FORM, actions.NOTE_FORM):
        bolt.view(finished)(_passing(app.reports.finish))
    bolt.view(actions.SCHOOL_FORM)(_passing(forms.choose_school))
    bolt.action(actions.CHOICES)(_passing(presses.choose))
    bolt.action(actions.SUGGESTIONS)(_passing(presses.suggest))
    bolt.action(actions.FEEDBACKS)(_passing(presses.rate))
    bolt.action(actions.CLAUSE)(_passing(presses.read_clause))
    bolt.action(actions.SHARE)(_passing(presses.share))
    for deed in actions.DEEDS:
        bolt.action(deed)(_passing(app.reports.press))

    anything = re.compile(".*")

    @bolt.action(actions.LINK)
    async def link(ack: AsyncAck) -> None:
        await ack()

    @bolt.action(anything)
    async def old(body: Body, ack: AsyncAck) -> None:
        await ack()
        sender = sender_of(body)
        log.info("nothing listens for the button %s", text_at(first_action(body), "action_id")[:40])
        if sender is not None:
            await presses.whisper(body, sender, settled(OLD_BUTTON))

    @bolt.view(anything)
    async def old_view(ack: AsyncAck) -> None:
        await ack()

    @bolt.shortcut(anything)
    async def old_shortcut(ack: AsyncAck) -> None:
        await ack()

    @bolt.event(anything)
    async def other(body: Body) -> None:
        event = body.get("event")
        log.info("nothing listens for the event %s", text_at(event, "type")[:40] if isinstance(event, Mapping) else "")


def _opening(forms: Submissions, form: str) -> Callable[..., Awaitable[None]]:
    async def opening(body: Body, ack: AsyncAck) -> None:
        await ack()
        await forms.open_form(body, form)

    return opening


def _submitting(forms: Submissions, *, declared: bool) -> Callable[..., Awaitable[None]]:
    async def submitting(body: Body, ack: AsyncAck) -> None:
        await forms.submit(body, ack, declared=declared)

    return submitting


def _passing(work: Callable[[Mapping[str, object], AsyncAck], Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    async def passing(body: Body, ack: AsyncAck) -> None:
        await work(body, ack)

    return passing


def _again(request: AsyncBoltRequest) -> bool:
    """Whether Slack has sent this event before."""
    return any(value not in ("", "0") for value in request.headers.get("x-slack-retry-num", ()))
