"""What is logged where something broke: where, and never what somebody typed."""

from __future__ import annotations

import logging
import traceback


def log_failed(log: logging.Logger, what: str, error: Exception) -> None:
    """An error with its frames and without its message, which may hold what somebody typed."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", what[:60], type(error).__name__, frames)
