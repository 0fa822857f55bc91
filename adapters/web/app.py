"""The web pages: a staff chat, the inbox of those who are told, and every policy."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from adapters.escalations.standing import Standings, standings
from adapters.escalations.watch import Health
from adapters.memory import Exchange, Exchanges
from adapters.replies import reply_json
from adapters.web.desk import DeskPages, Export
from adapters.web.guard import guarded
from adapters.web.pages import Pages
from adapters.web.policies import read_policy
from adapters.web.readiness import readiness
from adapters.web.responses import html_response, part_response
from adapters.web.turns import Person, form_fields, json_fields, person_of, to_turn
from adapters.web.viewer import Door, Who
from chatbot.bot import Bot
from chatbot.compose import CONFIRM, WITHDRAW, current_edition
from chatbot.escalation import Held
from chatbot.knowledge import Knowledge, School
from chatbot.model import Kind, Memory, Outcome, Reply, Turn
from chatbot.plan import Plan
from chatbot.ports import Clock, Desk, Ledger

log = logging.getLogger("chatbot.web")

STATIC = Path(__file__).parent / "static"
LARGEST_BODY = 64 * 1024
"""Bytes of a request; with more it is refused with plain words."""


def make_app(
    bot: Bot,
    knowledge: Knowledge,
    ledger: Ledger,
    clock: Clock,
    desk: Desk,
    plans: Mapping[str, Plan],
    *,
    open_desk: bool,
    who: Who | None = None,
    export: Export | None = None,
    exchanges: Exchanges | None = None,
    stands: Callable[[], Health] | None = None,
    public_url: str = "",
    chat: bool = True,
) -> web.Application:
    """The web application. `ledger` is the one that `bot` records in; `plans` name each school's contacts.

    `open_desk` is the demonstration: whoever `as` names in an address is believed, and the pages say that nobody is
    told. Without it `who` says which contact has signed in, and without `who` nobody is let in. `public_url` is the
    address that browsers reach it at, where it is not only this machine's own. Without `chat` staff ask elsewhere, in
    Slack or Teams: then there are only the desk and the policies.
    """
    if open_desk and who is not None:
        raise ValueError("an open desk believes whoever is picked: it cannot have a sign-in as well")
    pages = Pages(knowledge.wording, knowledge.schools, plans, demonstration=open_desk, chat=chat)
    door = Door(plans, None if open_desk else who or _nobody)
    desk_pages = DeskPages(desk, door, knowledge.schools, clock, pages, export)
    site = Site(bot, knowledge, ledger, clock, pages, desk_pages, exchanges or Exchanges(), stands)
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[guarded(site.explain, public_url)])
    app.add_routes([*site.routes(chat=chat), *desk_pages.routes()])
    return app


async def _nobody(_: web.Request) -> None:
    """Lets nobody in: the desk of a server that has no sign-in."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the routes share."""

    bot: Bot
    knowledge: Knowledge
    ledger: Ledger
    clock: Clock
    pages: Pages
    desk: DeskPages
    exchanges: Exchanges
    stands: Callable[[], Health] | None = None
    """How the escalations stand; called in a thread."""

    def routes(self, *, chat: bool) -> list[web.AbstractRouteDef]:
        """All but those of the desk."""
        chatting = [
            web.get("/", self.home, name="home"),
            web.post("/turns", self.send, name="turns"),
            web.post("/api/turns", self.send_json, name="api-turns"),
            web.get("/standing", self.standing, name="standing"),
            web.post("/feedback", self.feedback, name="feedback"),
            web.post("/forget", self.forget, name="forget"),
        ]
        return [
            *(chatting if chat else [web.get("/", self.to_desk, name="home")]),
            web.get("/policies", self.policies, name="policies"),
            web.get("/policies/{school}", self.policy, name="policy"),
            web.get("/livez", self.live, name="livez"),
            web.get("/readyz", self.ready, name="readyz"),
            web.static("/static", STATIC),
        ]

    async def to_desk(self, request: web.Request) -> web.Response:
        """Where there is no chat."""
        return web.Response(status=303, headers={"Location": "/desk"})

    async def home(self, request: web.Request) -> web.Response:
        """The chat with one school; at the open desk with the inbox beside it."""
        school = self._school(request.query.get("school") or next(iter(self.knowledge.schools)))
        person = person_of(request)
        conversation = person.conversation(school.id)
        said, pending = self.exchanges.of(conversation), await self._pending(conversation)
        standing = await self._standings(school.id, conversation)
        html = self.pages.page(
            "chat.html",
            school=school,
            schools=self._schools(),
            conversation=self.pages.conversation(said, pending, standing.by_turn),
            others=self._standings_part(standing, school, pending, only_others=True),
            exchanges=said,
            inbox=await self._inbox(request, school),
            failed=self._say("failed", school),
        )
        response = html_response(html)
        person.remember(response)
        return response

    async def send(self, request: web.Request) -> web.Response:
        """A message from the form, without JavaScript: answered, then back to the page."""
        person = person_of(request)
        turn = to_turn(await form_fields(request), person, self.clock)
        self._school(turn.school)
        await self._handle(turn)
        return self._back(turn.school, person, f"turn-{turn.id}")

    async def send_json(self, request: web.Request) -> web.Response:
        """A message as JSON: the reply of the contract, its HTML, and what the buttons before it turned into."""
        person = person_of(request)
        turn = to_turn(await json_fields(request), person, self.clock)
        self._school(turn.school)
        outcome = await self._handle(turn)
        pending = await self._pending(turn.conversation)
        said = self.exchanges.of(turn.conversation)
        here = next((number for number, exchange in enumerate(said) if exchange.turn.id == turn.id), None)
        now_said = said[here] if here is not None else Exchange(turn, outcome.reply)
        before = said[here - 1] if here else None
        changed = [
            {"id": f"choices-{one.turn.id}", "html": self.pages.choices(one, after, pending)}
            for one, after in pairwise(said[: (here or 0) + 1])
            if one.reply.choices
        ]
        standing = await self._standings(turn.school, turn.conversation)
        html = self.pages.exchange(before, now_said, None, pending, standing.by_turn.get(turn.id))
        response = web.json_response({"reply": reply_json(outcome.reply), "html": html, "changed": changed})
        person.remember(response)
        return response

    async def standing(self, request: web.Request) -> web.Response:
        """How this person's reports stand, for the page to bring itself up to date."""
        school = self._school(request.query.get("school", ""))
        conversation = person_of(request).conversation(school.id)
        standing, pending = await self._standings(school.id, conversation), await self._pending(conversation)
        return part_response(request, self._standings_part(standing, school, pending))

    async def feedback(self, request: web.Request) -> web.Response:
        """Whether a reply was right."""
        person, fields = person_of(request), await form_fields(request)
        school, turn_id = self._school(fields.get("school", "")), fields.get("turn", "")
        if fields.get("right") not in ("yes", "no"):
            raise web.HTTPBadRequest
        conversation = person.conversation(school.id)
        if not self.exchanges.note_feedback(conversation, turn_id, right=fields["right"] == "yes"):
            raise web.HTTPNotFound
        return self._back(school.id, person, f"turn-{turn_id}")

    async def forget(self, request: web.Request) -> web.Response:
        """Drop the conversation; what was escalated stays, and so does what waits for a yes or no."""
        person, fields = person_of(request), await form_fields(request)
        school = self._school(fields.get("school", ""))
        conversation = person.conversation(school.id)
        async with self.exchanges.in_order(conversation):
            waiting = Memory(pending=(await self.ledger.memory(conversation)).pending)
            emptied = to_turn({"school": school.id, "text": ""}, person, self.clock)
            await self.ledger.record(emptied, Outcome(Reply(Kind.SMALLTALK, ()), waiting))
            self.exchanges.forget(conversation)
        return self._back(school.id, person, "question")

    async def policies(self, request: web.Request) -> web.Response:
        """All policies that are served."""
        today = self.clock.now().date()
        return html_response(self.pages.page("policies.html", schools=self._schools(), today=today))

    async def policy(self, request: web.Request) -> web.Response:
        """One policy, with the clauses that the query names highlighted."""
        school = self._school(request.match_info["school"])
        today = self.clock.now().date()
        named = frozenset(request.query.getall("clause", ()))
        reviews = [self._say("overdue", school)] if today > school.due else []
        for cited in school.guidance:
            current = current_edition(self.knowledge.editions, cited.title, today)
            if current is not None and current.edition > cited.edition:
                words = {"title": cited.title, "cited": str(cited.edition), "current": str(current.edition)}
                reviews.append(self._say("old_guidance", school, **words))
        document = read_policy(school, named)
        html = self.pages.page("policy.html", school=school, document=document, reviews=reviews, today=today)
        return html_response(html)

    async def live(self, request: web.Request) -> web.Response:
        """The process runs."""
        return web.Response(text="ok\n")

    async def ready(self, request: web.Request) -> web.Response:
        """The engine is loaded: it was before this server listened. With escalations: whether each comes in time."""
        return await readiness(self.knowledge.schools, self.stands)

    def explain(self, request: web.Request, status: int) -> web.Response:
        """What went wrong, in plain words: as JSON for the page's script, else as a page."""
        school = self.knowledge.schools.get(request.query.get("school", ""))
        plain = {401: "", 403: "", 404: "", 413: self._say("too_long", school), 421: ""}
        words = plain.get(status, self._say("failed", school))
        if request.path.startswith("/api/"):
            return web.json_response({"error": words or self._say("failed", school)}, status=status)
        return html_response(self.pages.page("message.html", status=status, words=words), status)

    async def _handle(self, turn: Turn) -> Outcome:
        async with self.exchanges.in_order(turn.conversation):
            outcome = await self.bot.handle(turn)
            self.exchanges.add(turn, outcome.reply)
        return outcome

    async def _pending(self, conversation: str) -> str | None:
        """The reference of the possible report that still waits for a yes or no."""
        pending = (await self.ledger.memory(conversation)).pending
        return pending.reference if pending else None

    async def _standings(self, school_id: str, conversation: str) -> Standings:
        """How the reports of a conversation stand; a desk that fails must not keep the reply back."""
        held: tuple[Held, ...] | None = None
        try:
            held = await self.desk.desk.standing(conversation)
        except Exception as error:  # whatever breaks there, what was recorded is answered
            log.error("the standing of reports cannot be shown: %s", type(error).__name__)
        plan = self.pages.plans.get(school_id, Plan(school_id, {}))
        return standings(self.exchanges.of(conversation), held, plan, self.clock.now())

    def _standings_part(
        self, standing: Standings, school: School, pending: str | None, *, only_others: bool = False
    ) -> Markup:
        shown = replace(standing, by_turn={}) if only_others else standing
        return self.pages.page(
            "standings.html", standings=shown, school=school, pending=pending, confirm=CONFIRM, withdraw=WITHDRAW
        )

    async def _inbox(self, request: web.Request, school: School) -> Markup | None:
        """The inbox beside the chat: only at the open desk, and where somebody is named."""
        plan = self.pages.plans.get(school.id)
        if not self.desk.door.is_open or plan is None or not plan.contacts:
            return None
        viewer = await self.desk.door.viewer(request, school.id)
        return await self.desk.inbox_region(viewer, 2)

    def _schools(self) -> list[School]:
        return sorted(self.knowledge.schools.values(), key=lambda school: school.name.casefold())

    def _school(self, school_id: str) -> School:
        if school_id not in self.knowledge.schools:
            raise web.HTTPNotFound
        return self.knowledge.schools[school_id]

    def _say(self, key: str, school: School | None, **words: str) -> str:
        head = f"the {school.head}" if school else "the headteacher"
        names = {"ask": head, "head": head}
        if school:
            names |= {"school": school.name, "owner": school.owner, "due": school.due_shown, "updated": school.updated}
        return self.knowledge.wording[key].format_map({**names, **words})

    def _back(self, school_id: str, person: Person, anchor: str) -> web.Response:
        """See the page again: a reload then sends nothing twice."""
        where = f"/?{urlencode({'school': school_id})}#{anchor}"
        response = web.Response(status=303, headers={"Location": where})
        person.remember(response)
        return response
