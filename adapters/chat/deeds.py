"""What can be done with a report: the names that buttons carry on every platform, and what stands on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OPEN: Final = "report.open"
TAKE: Final = "report.take"
HAND_OVER: Final = "report.hand-over"
CLOSE: Final = "report.close"
NOTE: Final = "report.note"
REOPEN: Final = "report.reopen"

SAYS: Mapping[str, tuple[str, str]] = {
    OPEN: ("Open the report", "Open the report {}"),
    TAKE: ("Take this on", "Take this on: report {}"),
    HAND_OVER: ("Hand over", "Hand over report {}"),
    CLOSE: ("Close with an outcome", "Close with an outcome: report {}"),
    NOTE: ("Add a note", "Add a note to report {}"),
    REOPEN: ("Reopen", "Reopen report {}"),
}
"""What stands on each button, and what is read out: the same and the reference, so that both can be spoken."""
