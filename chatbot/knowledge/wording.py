"""The keys of wording/en.yaml: every sentence that the bot says of its own accord."""

from __future__ import annotations

from chatbot.reply import Route, Verdict

_PLAIN = """
    verdict_because overdue old_guidance ask_slot silent ask_person closest elsewhere
    not_understood did_you_mean given_up empty too_long foreign failed greeting
    thanks help robot which_school cancel restart goodbye emergency
    if_danger raised_live raised_trial raised_unreachable possible_live possible_trial possible_unreachable
    pass_on only_asking withdrawn
    stale do_not duty_fgm duty_prevent duty_image answer_too clause_for_reports
"""

WORDING = frozenset(
    [
        *_PLAIN.split(),
        *(f"verdict_{verdict}" for verdict in Verdict),
        *(f"{start}_{route}" for route in Route for start in ("recipient", "do_now")),
    ]
)
"""All of them; check() names each that is missing or unknown."""
