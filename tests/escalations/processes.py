"""A process that lives and dies over a database, as the test that started it sees it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.escalations.child import work
from tests.escalations.orders import Orders

_CONTEXT = multiprocessing.get_context("forkserver")
# The server has imported what a child needs: a child is there in a tenth of the time.
_CONTEXT.set_forkserver_preload(["tests.escalations.child", "pytest", "alembic.command", "psycopg"])


class Child:
    """One process."""

    def __init__(self, orders: Orders) -> None:
        self.name, self._folder = orders.name, orders.folder
        self._process = _CONTEXT.Process(target=work, args=(orders,), daemon=True)
        self._process.start()

    def order(self, line: str) -> None:
        """Tell it something."""
        with (self._folder / f"{self.name}.orders").open("a") as file:
            file.write(f"{line}\n")

    def said(self, beginning: str) -> list[str]:
        """What it said that began so."""
        log = self._folder / f"{self.name}.log"
        return [line for line in log.read_text().splitlines() if line.startswith(beginning)] if log.exists() else []

    def wait_for(self, beginning: str, seconds: float = 30, times: int = 1) -> list[str]:
        """What it said that began so; fails where it does not say so in time."""
        until(lambda: len(self.said(beginning)) >= times, seconds, f"{self.name} says {beginning!r} {times}×")
        return self.said(beginning)

    def kill(self) -> None:
        """SIGKILL, and gone."""
        self._process.kill()
        self._process.join()

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def died(self, seconds: float) -> bool:
        """Whether it was killed within so long."""
        self._process.join(seconds)
        return self._process.exitcode == -signal.SIGKILL

    @property
    def frozen(self) -> bool:
        """Whether it stopped itself."""
        return Path(f"/proc/{self._process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"

    def stop(self) -> None:
        """In good order; fails where it does not end."""
        self.order("stop")
        self._process.join(30)
        assert self._process.exitcode == 0, f"{self.name} did not stop: {self._process.exitcode}"

    def end(self) -> None:
        """However it stands."""
        if self._process.is_alive():
            self.kill()

    def _signal(self, number: int) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)


def until(
    holds: Callable[[], bool], seconds: float, what: str, *, fail: bool = True, show: Callable[[], object] = str
) -> float:
    """Wait until something holds; how long it took. A failure shows `show`."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > seconds:
            assert not fail, f"waited {seconds} s in vain until {what}: {show()}"
            break
        time.sleep(0.15)
    return time.monotonic() - started
