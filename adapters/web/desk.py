"""The desk: the inbox of the people who are told, and one page for each report. The Desk decides who may do what."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from markupsafe import Markup

from adapters.escalations.history import actor_of, history_of, refused
from adapters.escalations.lines import groups_of, line_of, summary
from adapters.web.pages import Pages
from adapters.web.responses import html_response, part_response
from adapters.web.turns import form_fields
from adapters.web.viewer import Door, Viewer
from chatbot.escalation import OPEN, Acknowledge, Action, Close, HandOver, Held, Note, Opened, Refusal, Reopen
from chatbot.knowledge import School
from chatbot.plan import Contact, Plan
from chatbot.ports import Clock, Desk

_REFERENCE = re.compile(r"R-[A-Z0-9]{4,16}")
_KINDS = {"pdf": "application/pdf", "csv": "text/csv"}


class Export(Protocol):
    """One escalation as a file, for whoever may see it; that it was exported is recorded by the export itself."""

    async def __call__(self, reference: str, contact: str, kind: str) -> bytes | Refusal:
        """`kind` is "pdf" or "csv"."""
        ...


@dataclass(frozen=True, slots=True)
class DeskPages:
    """What the routes of the desk share."""

    desk: Desk
    door: Door
    schools: Mapping[str, School]
    clock: Clock
    pages: Pages
    export: Export | None

    def routes(self) -> list[web.RouteDef]:
        """The routes; a report's page is never answered to HEAD, since opening it is recorded."""
        return [
            web.get("/desk", self.inbox, name="desk"),
            web.get("/desk/list", self.inbox_part, name="desk-list"),
            web.get(r"/desk/{reference:[^./]+}.{kind}", self.exported, name="report-export", allow_head=False),
            web.get("/desk/{reference}", self.report, name="report", allow_head=False),
            web.get("/desk/{reference}/state", self.state_part, name="report-state"),
            web.get("/desk/{reference}/{action}", self.back, name="report-back"),
            web.post("/desk/{reference}/{action}", self.act, name="report-act"),
        ]

    async def inbox(self, request: web.Request) -> web.Response:
        """All that this person may see, by urgency."""
        viewer = await self.door.viewer(request)
        return self._page(await self.inbox_region(viewer, _level(request)), f"Inbox – {self._school(viewer.plan)}")

    async def inbox_region(self, viewer: Viewer, level: int) -> Markup:
        """The inbox as a part of a page; `level` is that of its heading."""
        return self.pages.page(
            "desk/inbox.html", level=level, viewer=viewer, school=self._school(viewer.plan),
            schools=[(plan.school, self._school(plan)) for plan in self._offered(viewer)],
            part=await self._list(viewer, level),
        )  # fmt: skip

    async def inbox_part(self, request: web.Request) -> web.Response:
        """The list alone, for the page to bring itself up to date."""
        viewer = await self.door.viewer(request)
        level = 2 if request.query.get("level") == "2" else 1
        return part_response(request, await self._list(viewer, level))

    async def report(self, request: web.Request) -> web.Response:
        """One report with its words; that this person opened it is recorded."""
        if "prefetch" in request.headers.get("Sec-Purpose", ""):
            raise web.HTTPServiceUnavailable  # nobody has looked yet: a browser guesses what might be opened
        viewer, reference = await self.door.viewer(request), _reference(request)
        return self._report(request, *await self._opened(request, viewer, reference))

    async def state_part(self, request: web.Request) -> web.Response:
        """How a report stands, from the list: asking does not count as opening it."""
        viewer, reference = await self.door.viewer(request), _reference(request)
        pile = await self.desk.pile(viewer.plan.school, viewer.contact.id)
        held = next((held for held in pile if held.reference == reference), None)
        if held is None:
            raise web.HTTPNotFound
        return part_response(request, self._state(viewer, held, request.query.get("since", "")))

    async def act(self, request: web.Request) -> web.Response:
        """Do something with a report, then see it again; a refusal shows the report as it is now."""
        viewer, reference = await self.door.viewer(request), _reference(request)
        typed = await form_fields(request)
        action = _action(request.match_info["action"], typed)
        if isinstance(action, Note) and not action.text.strip():
            seen = await self._opened(request, viewer, reference)
            return self._report(request, *seen, "Not added: there are no words in the note.", typed)
        done = await self.desk.act(reference, action, viewer.contact.id)
        if not isinstance(done, Refusal):
            back = viewer.at(done.held.school).address(f"/desk/{reference}")
            return web.Response(status=303, headers={"Location": back})
        viewer, opened = await self._opened(request, viewer, reference)
        words = refused(done, opened.held, viewer.plan, viewer.contact.id, self.clock.now())
        return self._report(request, viewer, opened, words, typed)

    async def back(self, request: web.Request) -> web.Response:
        """The address of an action looked up again, after a refusal: to the report itself."""
        viewer, reference = await self.door.viewer(request), _reference(request)
        return web.Response(status=303, headers={"Location": viewer.address(f"/desk/{reference}")})

    async def exported(self, request: web.Request) -> web.Response:
        """One report as a file to carry into the school's own records."""
        viewer, reference, kind = await self.door.viewer(request), _reference(request), request.match_info["kind"]
        if self.export is None or kind not in _KINDS:
            raise web.HTTPNotFound
        made = await self.export(reference, viewer.contact.id, kind)
        if isinstance(made, Refusal):
            raise web.HTTPNotFound
        name = f'attachment; filename="{reference}.{kind}"'
        return web.Response(body=made, content_type=_KINDS[kind], headers={"Content-Disposition": name})

    async def _opened(self, request: web.Request, viewer: Viewer, reference: str) -> tuple[Viewer, Opened]:
        """The report, and its viewer at its school; of a school other than the one named, as if it never was."""
        opened = await self.desk.open(reference, viewer.contact.id)
        if isinstance(opened, Refusal) or request.query.get("school", opened.held.school) != opened.held.school:
            raise web.HTTPNotFound
        return viewer.at(opened.held.school), opened

    def _report(
        self, request: web.Request, viewer: Viewer, opened: Opened, refusal: str = "",
        typed: Mapping[str, str] | None = None,
    ) -> web.Response:  # fmt: skip
        held, plan, now = opened.held, viewer.plan, self.clock.now()
        region = self.pages.page(
            "desk/report.html",
            level=_level(request),
            viewer=viewer,
            held=held,
            opened=opened,
            plan=plan,
            reporter=self._reporter(held, plan),
            refusal=refusal,
            typed=typed or {},
            part=self._state(viewer, held, _revision(held)),
            revision=_revision(held),
            undecided=held.state in OPEN,
            others=_others(viewer, held),
            remarks=[(one, actor_of(one.by, held, plan)) for one in opened.remarks],
            history=history_of(opened, plan, now),
            now=now,
            exports=tuple(_KINDS) if self.export is not None else (),
        )
        return self._page(region, f"Report {held.reference}", 409 if refusal else 200)

    def _state(self, viewer: Viewer, held: Held, since: str) -> Markup:
        line = line_of(held, viewer.plan, viewer.contact.id, self.clock.now())
        return self.pages.page("desk/state.html", line=line, viewer=viewer, changed=since != _revision(held))

    async def _list(self, viewer: Viewer, level: int) -> Markup:
        pile = await self.desk.pile(viewer.plan.school, viewer.contact.id)
        groups = groups_of(pile, viewer.plan, viewer.contact.id, self.clock.now())
        waiting, say = summary(groups)
        return self.pages.page("desk/list.html", groups=groups, viewer=viewer, level=level, waiting=waiting, say=say)

    def _page(self, region: Markup, title: str, status: int = 200) -> web.Response:
        return html_response(self.pages.page("desk/page.html", region=region, title=title), status)

    def _offered(self, viewer: Viewer) -> tuple[Plan, ...]:
        """The schools to change to."""
        return tuple(self.door.plans.values()) if self.door.is_open else viewer.plans

    def _reporter(self, held: Held, plan: Plan) -> str:
        """Who reported: at the open desk everybody in the chat is a random number."""
        contact = plan.contact(held.reporter)
        if contact is not None:
            return contact.name
        return "somebody in the demonstration’s chat" if self.door.is_open else held.reporter

    def _school(self, plan: Plan) -> str:
        school = self.schools.get(plan.school)
        return school.name if school else plan.school


def _level(request: web.Request) -> int:
    """Of the heading: beside the chat, where the page's script asks, that of the chat stands above it."""
    return 2 if "X-Inside" in request.headers else 1


def _reference(request: web.Request) -> str:
    reference = request.match_info["reference"]
    if not _REFERENCE.fullmatch(reference):
        raise web.HTTPNotFound
    return reference


def _action(name: str, typed: Mapping[str, str]) -> Action:
    """What a form asks for. Raises HTTPNotFound for an action that there is not."""
    match name:
        case "acknowledge":
            return Acknowledge()
        case "note":
            return Note(typed.get("text", ""))
        case "hand-over":
            return HandOver(typed.get("to", ""))
        case "close":
            return Close(typed.get("outcome", ""), typed.get("record", ""))
        case "reopen":
            return Reopen()
        case _:
            raise web.HTTPNotFound


def _others(viewer: Viewer, held: Held) -> tuple[Contact, ...]:
    """Whom it may be handed over to."""
    able = (c for c in viewer.plan.chain(held.route) if c.id not in held.excluded)
    return tuple(c for c in able if c.id != viewer.contact.id)


def _revision(held: Held) -> str:
    """Changes with what can be done: an open page then says that it is out of date."""
    now = (
        "open" if held.state in OPEN else held.state,
        held.acknowledged_by,
        held.acknowledged_at,
        held.handed_to,
        held.closed_at,
    )
    return hashlib.sha256(repr(now).encode()).hexdigest()[:12]
