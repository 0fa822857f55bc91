"""The demonstration: a staff chat beside the DSL's inbox, and every policy as a page. Loopback only."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from markupsafe import Markup

from adapters.memory import MemoryLedger
from adapters.replies import reply_json
from adapters.web.guard import guarded
from adapters.web.inbox import inbox
from adapters.web.pages import Pages
from adapters.web.policies import read_policy
from adapters.web.turns import Person, form_fields, json_fields, person_of, to_turn
from chatbot.bot import Bot
from chatbot.compose import current_edition
from chatbot.knowledge import Knowledge, School
from chatbot.model import Outcome, Turn
from chatbot.ports import Clock

log = logging.getLogger("chatbot.web")

STATIC = Path(__file__).parent / "static"
LARGEST_BODY = 64 * 1024
"""Bytes of a request; with more it is refused with plain words."""


def make_app(bot: Bot, knowledge: Knowledge, ledger: MemoryLedger, clock: Clock) -> web.Application:
    """The web application. `ledger` is the one that `bot` records in."""
    site = Site(bot, knowledge, ledger, clock, Pages(knowledge.wording, knowledge.schools))
    app = web.Application(client_max_size=LARGEST_BODY, middlewares=[guarded(site.explain)])
    app.add_routes(
        [
            web.get("/", site.home, name="home"),
            web.post("/turns", site.send, name="turns"),
            web.post("/api/turns", site.send_json, name="api-turns"),
            web.post("/feedback", site.feedback, name="feedback"),
            web.post("/forget", site.forget, name="forget"),
            web.get("/inbox", site.show_inbox, name="inbox"),
            web.get("/policies", site.policies, name="policies"),
            web.get("/policies/{school}", site.policy, name="policy"),
            web.get("/livez", site.live, name="livez"),
            web.get("/readyz", site.ready, name="readyz"),
            web.static("/static", STATIC),
        ]
    )
    return app


@dataclass(frozen=True, slots=True)
class Site:
    """What the routes share."""

    bot: Bot
    knowledge: Knowledge
    ledger: MemoryLedger
    clock: Clock
    pages: Pages

    async def home(self, request: web.Request) -> web.Response:
        """The chat with one school, and its inbox."""
        school = self._school(request.query.get("school") or next(iter(self.knowledge.schools)))
        person = person_of(request)
        conversation = person.conversation(school.id)
        exchanges = self.ledger.exchanges(conversation)
        html = self.pages.page(
            "chat.html",
            school=school,
            schools=self._schools(),
            conversation=self.pages.conversation(exchanges, await self._pending(conversation)),
            exchanges=exchanges,
            inbox=self._inbox(school),
            failed=self._say("failed", school),
        )
        response = _html(html)
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
        said = self.ledger.exchanges(turn.conversation)
        here = next((number for number, exchange in enumerate(said) if exchange.turn.id == turn.id), len(said) - 1)
        before = said[here - 1] if here > 0 else None
        changed = [
            {"id": f"choices-{one.turn.id}", "html": self.pages.choices(one, after, pending)}
            for one, after in pairwise(said[: here + 1])
            if one.reply.choices
        ]
        html = self.pages.exchange(before, said[here], None, pending)
        response = web.json_response({"reply": reply_json(outcome.reply), "html": html, "changed": changed})
        person.remember(response)
        return response

    async def feedback(self, request: web.Request) -> web.Response:
        """Whether a reply was right."""
        person, fields = person_of(request), await form_fields(request)
        school, turn_id = self._school(fields.get("school", "")), fields.get("turn", "")
        if fields.get("right") not in ("yes", "no"):
            raise web.HTTPBadRequest
        conversation = person.conversation(school.id)
        if not self.ledger.note_feedback(conversation, turn_id, right=fields["right"] == "yes"):
            raise web.HTTPNotFound
        return self._back(school.id, person, f"turn-{turn_id}")

    async def forget(self, request: web.Request) -> web.Response:
        """Drop the conversation; what was escalated stays."""
        person, fields = person_of(request), await form_fields(request)
        school = self._school(fields.get("school", ""))
        self.ledger.forget(person.conversation(school.id))
        return self._back(school.id, person, "question")

    async def show_inbox(self, request: web.Request) -> web.Response:
        """The inbox alone, for the page to refresh itself."""
        return _html(self._inbox(self._school(request.query.get("school", ""))))

    async def policies(self, request: web.Request) -> web.Response:
        """All policies that are served."""
        today = self.clock.now().date()
        return _html(self.pages.page("policies.html", schools=self._schools(), today=today))

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
        return _html(html)

    async def live(self, request: web.Request) -> web.Response:
        """The process runs."""
        return web.Response(text="ok\n")

    async def ready(self, request: web.Request) -> web.Response:
        """The engine is loaded: it was before this server listened."""
        return web.json_response({"ready": True, "schools": list(self.knowledge.schools)})

    def explain(self, request: web.Request, status: int) -> web.Response:
        """What went wrong, in plain words: as JSON for the page's script, else as a page."""
        school = self.knowledge.schools.get(request.query.get("school", ""))
        plain = {403: "", 404: "", 413: self._say("too_long", school), 421: ""}
        words = plain.get(status, self._say("failed", school))
        if request.path.startswith("/api/"):
            return web.json_response({"error": words or self._say("failed", school)}, status=status)
        return _html(self.pages.page("message.html", status=status, words=words), status)

    async def _handle(self, turn: Turn) -> Outcome:
        started = time.perf_counter()
        async with self.ledger.in_order(turn.conversation):
            outcome = await self.bot.handle(turn)
        log.info("turn %s: %s in %.0f ms", turn.id, outcome.reply.kind, (time.perf_counter() - started) * 1000)
        return outcome

    async def _pending(self, conversation: str) -> str | None:
        """The reference of the possible report that still waits for a yes or no."""
        pending = (await self.ledger.memory(conversation)).pending
        return pending.reference if pending else None

    def _inbox(self, school: School) -> Markup:
        groups = inbox(self.ledger.escalations(school.id), self.clock.now())
        return self.pages.page("inbox.html", groups=groups, school=school)

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


def _html(html: Markup, status: int = 200) -> web.Response:
    return web.Response(text=html, status=status, content_type="text/html", charset="utf-8")
