"""Answers school staff's questions from their own school's policy. Platform-free core."""

from chatbot.bot import Bot
from chatbot.errors import ChatbotError, KnowledgeError, UnknownSchool
from chatbot.knowledge import Knowledge, load
from chatbot.model import Kind, Memory, Outcome, Reply, Route, Turn, Verdict
from chatbot.respond import Engine, respond

__all__ = [
    "Bot",
    "ChatbotError",
    "Engine",
    "Kind",
    "Knowledge",
    "KnowledgeError",
    "Memory",
    "Outcome",
    "Reply",
    "Route",
    "Turn",
    "UnknownSchool",
    "Verdict",
    "load",
    "respond",
]
