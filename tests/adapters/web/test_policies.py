"""Policy pages: readable, and every clause can be linked to and highlighted."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from adapters.web.policies import read_policy
from chatbot.knowledge import School, plain
from chatbot.respond import Engine
from tests.adapters.web.conftest import Client

SCHOOLS = ("ashley", "calmore", "fact", "ravenscote", "yeadon")


class _Spans(HTMLParser):
    """Collects the text inside each span, by id, and inside everything highlighted."""

    def __init__(self) -> None:
        super().__init__()
        self.by_id: dict[str, str] = {}
        self.shown: list[str] = []
        self.leads: list[str] = []
        self._open: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "span":
            named = dict(attrs)
            self._open.append((named.get("id") or "", named.get("class") or ""))
            if "shown" in self._open[-1][1]:
                (self.leads if "lead" in self._open[-1][1] else self.shown).append("")
        elif tag in ("td", "th", "p", "li"):
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "span":
            self._open.pop()

    def handle_data(self, data: str) -> None:
        for name, css in self._open:
            if name:
                self.by_id[name] = self.by_id.get(name, "") + data
            if "shown" in css:
                (self.leads if "lead" in css else self.shown)[-1] += data


def _bare(text: str) -> str:
    return re.sub(r"[\s*]", "", text)


def _read(school: School, *highlighted: str) -> _Spans:
    spans = _Spans()
    spans.feed(str(read_policy(school, frozenset(highlighted)).html))
    assert not spans._open
    return spans


@pytest.mark.parametrize("school_id", SCHOOLS)
def test_every_clause_of_a_served_policy_has_its_anchor_around_its_own_words(school_id: str, engine: Engine) -> None:
    school = engine.knowledge.schools[school_id]
    spans = _read(school)
    assert set(spans.by_id) == set(school.clauses)
    for name, clause in school.clauses.items():
        inside = _bare(spans.by_id[name])
        in_table = any(line.startswith("|") and inside in _bare(line) for line in school.policy.splitlines())
        assert inside == _bare(clause.text) or (in_table and _bare(clause.text).startswith(inside)), name


@pytest.mark.parametrize("school_id", SCHOOLS)
def test_every_clause_is_highlighted_whole_with_the_line_that_introduces_its_list(
    school_id: str, engine: Engine
) -> None:
    school = engine.knowledge.schools[school_id]
    for name, clause in school.clauses.items():
        spans = _read(school, name)
        assert _bare("".join(spans.shown)) == _bare(clause.text), name
        assert [_bare(lead) for lead in spans.leads] == ([_bare(clause.lead)] if clause.lead else []), name


@pytest.mark.parametrize("school_id", SCHOOLS)
def test_a_policy_page_holds_the_words_of_the_policy_and_no_others(school_id: str, engine: Engine) -> None:
    school = engine.knowledge.schools[school_id]
    text = re.sub(r"<[^>]+>", " ", read_policy(school).html)
    for entity, character in (("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    words = re.findall(r"[^\W_]+", text)
    adopted = re.sub(r"(?m)^\s*\d+\. (?=[A-Z])", "", school.policy)
    assert words == re.findall(r"[^\W_]+", adopted)


def test_html_in_a_policy_stays_text(engine: Engine) -> None:
    school = replace(
        engine.knowledge.schools["fact"], policy="# A\n\n<script>x</script> & [a](javascript:x)", clauses={}
    )
    html = read_policy(school).html
    assert "<script" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize("school_id", SCHOOLS)
async def test_a_policy_page_says_at_its_top_whether_its_review_is_overdue(
    school_id: str, client: Client, engine: Engine
) -> None:
    html = await (await client.get(f"/policies/{school_id}")).text()
    head = html[: html.index('class="document"')]
    overdue = school_id != "yeadon"
    assert ("Review overdue" in head) is overdue
    assert ("In date" in head) is not overdue
    assert engine.knowledge.schools[school_id].due_shown in head


async def test_the_clause_of_the_address_is_highlighted_with_its_lead(client: Client) -> None:
    html = await (await client.get("/policies/fact", params={"clause": "3.f"})).text()
    assert '<span id="3.f" class="clause shown">' in html
    assert '<span class="lead shown">When using social media, staff <strong>must not</strong>:</span>' in html
    assert html.count("clause shown") == 1


async def test_a_clause_that_does_not_exist_highlights_nothing(client: Client) -> None:
    response = await client.get("/policies/fact", params={"clause": '"><script>'})
    html = await response.text()
    assert response.status == 200
    assert " shown" not in html.replace("clause shown:", "")
    assert "<script>" not in html


async def test_the_table_of_contents_leads_to_every_section(client: Client) -> None:
    html = await (await client.get("/policies/fact")).text()
    contents = html[html.index('class="contents"') : html.index('class="document"')]
    targets = re.findall(r'href="#(section-\d+)"', contents)
    assert len(targets) >= 10
    assert all(f'id="{target}"' in html for target in targets)
    assert "3. Personal use of social media by staff" in contents


async def test_all_policies_are_listed(client: Client, engine: Engine) -> None:
    html = await (await client.get("/policies")).text()
    for school in engine.knowledge.schools.values():
        assert f'href="/policies/{school.id}"' in html
        assert plain(school.name) in html
