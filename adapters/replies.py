"""A Reply as the JSON of the contract."""

from __future__ import annotations

from chatbot.model import Reply


def reply_json(reply: Reply) -> dict[str, object]:
    """`reply` as plain JSON values, keys in the contract's order."""
    return {
        "kind": reply.kind.value,
        "status": reply.status.value if reply.status else None,
        "verdict": reply.verdict.value if reply.verdict else None,
        "intent": reply.intent,
        "rules": list(reply.rules),
        "citations": [
            {"clause": c.clause, "heading": c.heading, "text": c.text, "url": c.url} for c in reply.citations
        ],
        "because": reply.because,
        "text": reply.text,
        "choices": [{"label": c.label, "value": c.value} for c in reply.choices],
        "route": reply.route.value if reply.route else None,
        "emergency": reply.emergency,
        "reference": reply.reference,
        "confidence": round(reply.confidence, 3),
    }
