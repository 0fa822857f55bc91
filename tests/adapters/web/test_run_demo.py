"""`chatbot demo`: where it listens and how it stops."""

from __future__ import annotations

import os
import signal
import threading
import time
import urllib.request

import pytest

from adapters import app as joined
from adapters.app import NotLoopback, free_socket, run_demo
from adapters.engine import Made
from chatbot.respond import Engine


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "example.org", "::", ""])  # noqa: S104  # refused
def test_another_address_than_loopback_is_refused_before_anything_is_loaded(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joined, "make_engine", lambda **_: pytest.fail("the engine was loaded"))
    with pytest.raises(NotLoopback, match="no log-in"):
        run_demo(host=host, port=0)


def test_a_taken_port_gives_way_to_the_next_free_one() -> None:
    with free_socket("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with free_socket("127.0.0.1", port) as found:
            assert port < found.getsockname()[1] < port + 50


def test_no_free_port_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joined, "PORTS_TRIED", 1)
    with free_socket("127.0.0.1", 0) as taken, pytest.raises(OSError, match="choose another with --port"):
        free_socket("127.0.0.1", taken.getsockname()[1])


def test_the_address_is_printed_and_an_interrupt_ends_it_cleanly(
    engine: Engine,
) -> None:
    said: list[str] = []
    answers: list[int] = []

    def visit_and_interrupt() -> None:
        while not said:
            time.sleep(0.01)
        address = next(word for word in said[0].split() if word.startswith("http://127.0.0.1:"))
        with urllib.request.urlopen(f"{address}readyz", timeout=10) as response:  # noqa: S310  # the printed address
            answers.append(response.status)
        os.kill(os.getpid(), signal.SIGINT)

    visitor = threading.Thread(target=visit_and_interrupt)
    visitor.start()
    run_demo(Made(engine, False, ""), port=0, say=said.append)
    visitor.join()
    assert answers == [200]
    assert len(said) == 1
