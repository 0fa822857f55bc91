"""Reports in Teams: from the reporter's words to a named person who has them, whatever happens in between."""

from __future__ import annotations

from tests.e2e.fakes.teams import FakeTeams
from tests.e2e.teams.stories import (
    OPEN,
    REPORT,
    TAKE,
    card,
    card_says,
    nothing_leaks,
    receipt,
    receipt_says,
    reference_in,
    said,
    shown,
)


def test_a_report_goes_from_words_to_a_named_person_and_its_reporter_sees_it(teams: FakeTeams) -> None:
    teams.says("ana", REPORT)
    receipt_says(teams, "obody has seen")
    alert = card(teams)
    assert reference_in(said(alert)) == reference_in(said(receipt(teams)))
    teams.open_dialog("dee", alert, OPEN)
    assert "belt" in shown(teams.dialog("dee")["card"])
    teams.close_dialog("dee")
    assert teams.press("dee", alert, TAKE).ok
    receipt_says(teams, "Dee Lead has taken this on")
    card_says(teams, "Dee Lead")
    assert teams.open_dialog("dee", teams.message(alert["id"]), "Close with an outcome").ok
    closed = {"field_outcome": "Spoke to her mother", "field_record": "CPOMS 12"}
    assert teams.submit_dialog("dee", closed).ok
    receipt_says(teams, "closed")
    nothing_leaks(teams, "Kayleigh", "belt", "mother")
