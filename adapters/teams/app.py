"""Teams inside our web application: what comes in, and which of our listeners it goes to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters.chat.faults import log_failed
from adapters.chat.shapes import mapping_at, text_at
from adapters.teams import answers
from adapters.teams.actions import (
    IN_DIALOG,
    REFRESH,
    SCHOOL_FORM,
    Chosen,
    ClauseRef,
    Deed,
    Opening,
    Sent,
    Suggestion,
    pressed,
)
from adapters.teams.answers import Json
from adapters.teams.notices import NEWER, OLD_BUTTON
from adapters.teams.notify import TeamsNotifier
from adapters.teams.pieces import Dialog
from adapters.teams.presses import Press, Presses
from adapters.teams.reports import Reports
from adapters.teams.search import Search
from adapters.teams.site import Site
from adapters.teams.speaker import Speaker
from adapters.teams.submissions import OF_COMMAND, Submissions, message_in
from adapters.teams.talk import Talk
from adapters.teams.turns import place_of, sender_of
from adapters.teams.views import failed_of, notice_dialog, notice_of

log = logging.getLogger("chatbot.teams")

ROUTE = "/api/messages"
FORMS_OF_STAFF = frozenset(OF_COMMAND.values())
NOBODY = "Teams does not say who this is, so nothing was done."


@dataclass(frozen=True, slots=True)
class TeamsApp:
    """Teams as this process serves it, from start() to stop()."""

    site: Site
    notifier: TeamsNotifier
    talk: Talk
    presses: Presses
    submissions: Submissions
    reports: Reports
    search: Search

    async def start(self) -> None:
        """Be ready to receive, and let alerts go out."""
        await self.site.gateway.open()
        self.notifier.bind(self.talk.speaker, asyncio.get_running_loop())

    async def stop(self) -> None:
        """Let out what is under way, and close."""
        self.notifier.unbind()
        await self.talk.speaker.settle()
        await self.site.gateway.close()

    async def messages(self, request: web.Request) -> web.Response:
        """POST /api/messages: all that Teams sends."""
        activity = await self.site.gateway.received(request)
        kind = text_at(activity, "type")
        if kind == "invoke":
            return await self._invoked(activity)
        try:
            await self._heard(kind, activity)
        except Exception as error:  # whoever wrote it has been told; Teams does not send it again
            log_failed(log, kind, error)
            return web.Response(status=503)
        return web.Response()

    async def _heard(self, kind: str, activity: Json) -> None:
        if kind == "message" and isinstance(activity.get("value"), Mapping):
            await self._submitted(activity)
        elif kind == "message":
            await self.talk.message(activity)
        elif kind == "messageUpdate" and _event(activity) == "editMessage":
            await self.talk.message(activity, edited=True)
        elif kind == "installationUpdate":
            await self.talk.installed(activity)
        else:
            log.info("nothing is done about a %s", kind[:40])

    async def _submitted(self, activity: Json) -> None:
        """A button was pressed by a client that knows no Action.Execute or no dialogs: answered by messages."""
        press, carried = _press(activity), pressed(activity.get("value"))
        if press is None:
            return
        try:
            await self._done_by_old_client(carried, press)
        except Exception:
            await self.talk.speaker.say_failed(press.place)
            raise

    async def _done_by_old_client(self, carried: object, press: Press) -> None:
        if isinstance(carried, Chosen | Suggestion):
            await self.presses.below(carried, press)
        elif isinstance(carried, Deed) and carried.deed not in IN_DIALOG:
            await self.presses.say(notice_of(await self.reports.press_by_old_client(carried, press)), press)
        else:
            await self.presses.say(notice_of(OLD_BUTTON if carried is None else NEWER), press)

    async def _invoked(self, activity: Json) -> web.Response:
        name, press = text_at(activity, "name"), _press(activity)
        value = mapping_at(activity, "value")
        try:
            if press is not None:
                await self.site.addresses.met(press.sender, press.place)
            if name == "adaptiveCard/action":
                return web.json_response(await self._acted(value, press))
            if name in ("task/fetch", "composeExtension/fetchTask"):
                return web.json_response(answers.opens(await self._opened(name, value, press)))
            if name in ("task/submit", "composeExtension/submitAction"):
                done = await self._sent(value, press)
                return web.json_response(answers.opens(done) if isinstance(done, Dialog) else answers.closes(done))
            if name == "composeExtension/query":
                found = await self.search.found(value, press.sender) if press else answers.tells(NOBODY)
                return web.json_response(found)
            if name == "message/submitAction":
                self.presses.rate(activity)
                return web.Response()
        except Exception as error:  # whatever breaks, the person reads plain words and whom to turn to
            log_failed(log, name, error)
            return web.json_response(self._failed(name))
        log.info("nothing is done about the invoke %s", name[:40])
        return web.Response(status=501)

    async def _acted(self, value: Mapping[str, object], press: Press | None) -> Json:
        action = mapping_at(value, "action")
        carried = pressed(action.get("data"), action.get("verb"))
        if press is None:
            return answers.says(NOBODY)
        match carried:
            case Chosen():
                return await self.presses.choose(carried, press)
            case Suggestion():
                return await self.presses.suggest(carried, press)
            case Deed() if carried.deed not in IN_DIALOG:
                shown = await self.reports.press(carried, press)
                if isinstance(shown, str) and carried.deed == REFRESH:  # Teams asks by itself: no words for a moment
                    shown = notice_of(shown)
                return answers.says(shown) if isinstance(shown, str) else answers.shows(shown)
            case _:
                log.info("nothing is done about the verb %s", text_at(action, "verb")[:40])
                return answers.says(OLD_BUTTON)

    async def _opened(self, name: str, value: Mapping[str, object], press: Press | None) -> Dialog:
        if press is None:
            return notice_dialog("Not known", NOBODY)
        if name == "composeExtension/fetchTask":
            form = OF_COMMAND.get(text_at(value, "commandId"), "")
            if form:
                return await self.submissions.form(form, press.sender, message_in(mapping_at(value, "messagePayload")))
            return notice_dialog("Not known", OLD_BUTTON)
        return await self._in_dialog(pressed(value.get("data")), press)

    async def _sent(self, value: Mapping[str, object], press: Press | None) -> Dialog | str:
        """A form was sent off, or a button of a dialog was pressed."""
        carried = pressed(value.get("data"))
        if press is None:
            return NOBODY
        if not isinstance(carried, Sent):
            return await self._in_dialog(carried, press)
        if carried.form in FORMS_OF_STAFF:
            return await self.submissions.submit(carried, press, mapping_at(value, "messagePayload"))
        if carried.form == SCHOOL_FORM:
            return await self.submissions.choose_school(carried, press)
        return await self.reports.finish(carried, press)

    async def _in_dialog(self, carried: object, press: Press) -> Dialog:
        match carried:
            case Deed():
                return await self.reports.opens(carried, press)
            case ClauseRef():
                return await self.presses.read_clause(carried, press)
            case Opening():
                return await self.submissions.opened(carried, press.sender)
            case Chosen():
                return await self.presses.choose_in_dialog(carried, press)
            case _:
                return notice_dialog("Not known", OLD_BUTTON)

    def _failed(self, name: str) -> Json:
        whom = self.site.whom_to_turn_to("")
        if name == "adaptiveCard/action":
            return answers.says(
                f"That did not work, and nothing was recorded. If it was about a child, speak to {whom}."
            )
        if name == "composeExtension/query":
            return answers.tells("That did not work. Try again, or ask in our own chat.")
        return answers.opens(failed_of("Nothing was recorded.", speak_to=whom))


def make_teams(site: Site, notifier: TeamsNotifier) -> TeamsApp:
    """Teams over `site`; `notifier` is bound to it when it starts."""
    talk = Talk(site, Speaker(site))
    presses = Presses(site, talk)
    return TeamsApp(site, notifier, talk, presses, Submissions(site, talk, presses), Reports(site), Search(site))


def _press(activity: Json) -> Press | None:
    sender = sender_of(activity)
    stamp, message = text_at(activity, "id"), text_at(activity, "replyToId")
    return Press(sender, place_of(activity), stamp, message) if sender is not None and stamp else None


def _event(activity: Json) -> str:
    return text_at(mapping_at(activity, "channelData"), "eventType")
