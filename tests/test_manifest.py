"""What Slack is told of the app is what the code uses: no scope, event or shortcut more, and none less."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from adapters.slack import actions
from adapters.slack.client import METHODS
from adapters.slack.manifest import EVENTS, SCOPES, manifest, manifest_text

ROOT = Path(__file__).parents[1]
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "adapters" / "slack").glob("*.py")))
SCHEMA = ROOT.parent / "shared" / "schemas" / "slack-manifest.2.0.0.schema.json"
BOTH = pytest.mark.parametrize("socket", [True, False])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("slack.yaml", manifest_text(socket=True)),
        ("slack-http.yaml", manifest_text(socket=False)),
    ],
)
def test_the_files_are_made_from_their_one_source(name: str, text: str) -> None:
    assert (ROOT / "manifest" / name).read_text(encoding="utf-8") == text, "run `make manifest`"


def test_both_manifests_differ_in_addresses_and_the_way_in_only() -> None:
    def without(value: Any) -> Any:
        if not isinstance(value, dict):
            return [without(one) for one in value] if isinstance(value, list) else value
        ways = ("url", "request_url", "redirect_urls", "socket_mode_enabled")
        return {key: without(inner) for key, inner in value.items() if key not in ways}

    assert without(manifest(socket=True)) == without(manifest(socket=False))


def test_every_method_that_is_called_is_among_those_that_scopes_are_asked_for() -> None:
    called = set(re.findall(r'"((?:auth|apps|chat|conversations|usergroups|users|views|assistant)\.[A-Za-z.]+)"', CODE))
    assert called - set(METHODS) <= set(), "called, but no scope is asked for"
    elsewhere = CODE.replace((ROOT / "adapters/slack/client.py").read_text(encoding="utf-8"), "")
    unused = [m for m in METHODS if f'"{m}"' not in elsewhere and m.replace(".", "_") not in elsewhere]
    assert unused == [], "asked for, but never called"


def test_the_scopes_are_those_of_methods_events_and_surfaces() -> None:
    needed = {scope for scopes in METHODS.values() for scope in scopes.split()}
    needed |= {scope for scopes in EVENTS.values() for scope in scopes} | {"commands"}
    assert set(SCOPES) == needed
    asked = manifest(socket=True)["oauth_config"]
    assert isinstance(asked, dict)
    assert asked["scopes"]["bot"] == sorted(needed)


def test_every_event_has_a_listener_and_every_listener_an_event() -> None:
    heard = set(re.findall(r'@bolt\.event\("([a-z_]+)"\)', CODE))
    assert heard == {event.split(".")[0] for event in EVENTS}


def test_every_shortcut_and_the_command_have_listeners() -> None:
    features = manifest(socket=True)["features"]
    assert isinstance(features, dict)
    told = {shortcut["callback_id"] for shortcut in features["shortcuts"]}
    known = {actions.ASK_SHORTCUT, actions.REPORT_SHORTCUT, actions.IS_OK_SHORTCUT, actions.RAISE_SHORTCUT}
    assert told == known
    assert [command["command"] for command in features["slash_commands"]] == [actions.COMMAND]


@BOTH
def test_slacks_limits_are_kept(socket: bool) -> None:
    made = manifest(socket=socket)
    shown, features = made["display_information"], made["features"]
    assert isinstance(shown, dict)
    assert isinstance(features, dict)
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert all(len(one["name"]) <= 24 and len(one["description"]) <= 150 for one in features["shortcuts"])
    assert all(len(one["description"]) <= 2000 for one in features["slash_commands"])
    assert yaml.safe_load(manifest_text(socket=socket)) == made


@BOTH
@pytest.mark.skipif(not SCHEMA.exists(), reason="the public schema lies in ../shared")
def test_the_public_schema_is_kept(socket: bool) -> None:

    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator = jsonschema.Draft7Validator(schema)
    assert [error.message for error in validator.iter_errors(manifest(socket=socket))] == []
