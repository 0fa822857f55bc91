"""Who is at the desk: from the sign-in, or at the demonstration's open desk from a picker."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import web

from chatbot.plan import Contact, Plan

Who = Callable[[web.Request], Awaitable[str | None]]
"""The id of the contact who has signed in, None for nobody."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """A contact at the inbox of one school. `plans` are all schools that name them."""

    contact: Contact
    plan: Plan
    plans: tuple[Plan, ...]
    picked: bool
    """Chosen with the picker: then every address carries who it is."""

    def at(self, school: str) -> Viewer:
        """The same person at another of their schools. Raises HTTPNotFound where it is none of theirs."""
        for plan in self.plans:
            contact = plan.contact(self.contact.id)
            if plan.school == school and contact is not None:
                return replace(self, contact=contact, plan=plan)
        raise web.HTTPNotFound

    def address(self, path: str, **more: str) -> str:
        """`path` for this viewer."""
        query = {"school": self.plan.school, **({"as": self.contact.id} if self.picked else {}), **more}
        return f"{path}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Door:
    """Lets contacts in. Without `who` the desk is open: whoever is asked for with `as` is believed."""

    plans: Mapping[str, Plan]
    who: Who | None

    @property
    def is_open(self) -> bool:
        """Whether anybody may be picked."""
        return self.who is None

    async def viewer(self, request: web.Request, school: str | None = None) -> Viewer:
        """Who sends this request. Raises HTTPNotFound where they have no place in the school that it names.

        `school` where the request does not name it. Nobody signed in: raises HTTPSeeOther to the sign-in for a page,
        HTTPUnauthorized for all else.
        """
        school = school or request.query.get("school")
        contact_id = await self.who(request) if self.who is not None else self._picked(request, school)
        if contact_id is None:
            if request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "document") == "document":
                raise web.HTTPSeeOther(f"/sign-in?{urlencode({'next': request.path_qs})}")
            raise web.HTTPUnauthorized
        plans = tuple(plan for plan in self.plans.values() if plan.contact(contact_id) is not None)
        contact = plans[0].contact(contact_id) if plans else None
        if contact is None:
            raise web.HTTPNotFound
        viewer = Viewer(contact, plans[0], plans, self.is_open)
        return viewer if school is None else viewer.at(school)

    def _picked(self, request: web.Request, school: str | None) -> str:
        """At the open desk: whoever is named, else the first contact of the school."""
        if "as" in request.query:
            return request.query["as"]
        plan = self.plans.get(school) if school is not None else next(iter(self.plans.values()), None)
        if plan is None or not plan.contacts:
            raise web.HTTPNotFound
        return plan.contacts[0].id
