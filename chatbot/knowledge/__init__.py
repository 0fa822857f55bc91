"""Reads knowledge/ into frozen values and proves that they hold together."""

from chatbot.knowledge.check import Coverage, coverage
from chatbot.knowledge.policy import plain, policy_blocks
from chatbot.knowledge.read import load, read_knowledge
from chatbot.knowledge.types import (
    Clause,
    Edition,
    Guidance,
    Intent,
    Knowledge,
    Rule,
    School,
    Screening,
    Sign,
    Silence,
    SlotType,
    SlotValue,
)

__all__ = [
    "Clause",
    "Coverage",
    "Edition",
    "Guidance",
    "Intent",
    "Knowledge",
    "Rule",
    "School",
    "Screening",
    "Sign",
    "Silence",
    "SlotType",
    "SlotValue",
    "coverage",
    "load",
    "plain",
    "policy_blocks",
    "read_knowledge",
]
