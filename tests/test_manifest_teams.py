"""What Teams is told of the app keeps Microsoft's schema and limits, and names what the code answers to."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner, Result

from adapters.cli import app
from adapters.teams import actions
from adapters.teams.manifest import ICONS, SCHEMA_VERSION, faults, manifest, manifest_text, package
from chatbot.model import Memory, Turn
from chatbot.reply import Kind
from chatbot.respond import Engine, respond

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "tests" / "schemas" / f"teams-manifest.{SCHEMA_VERSION}.schema.json"
APP_ID = "11111111-2222-3333-4444-55555555AAAA"
ADDRESS = "https://policy.example.org"
MADE: Any = manifest(APP_ID, ADDRESS, "1.4.0")
OWN = os.environ.get("TEAMS_MANIFEST")
"""A manifest to look at besides: `make teams-package` has the school's own looked at before it is packed."""
ALL = [MADE, *([json.loads(Path(OWN).read_text(encoding="utf-8"))] if OWN else [])]
EACH = pytest.mark.parametrize("made", ALL)
COMMANDS = {value for name, value in vars(actions).items() if name.endswith("_COMMAND")}


def commands(made: Any) -> dict[str, Any]:
    (extension,) = made["composeExtensions"]
    return {command["id"]: command for command in extension["commands"]}


@EACH
def test_the_public_schema_is_kept(made: Any) -> None:
    validator = jsonschema.Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(made)] == []
    assert f"/v{made['manifestVersion']}/" in made["$schema"]


@EACH
def test_the_schemas_unwritten_rule_for_apps_in_teams_is_kept(made: Any) -> None:
    assert made["supportsChannelFeatures"] == "tier1", "Teams refuses 1.25 with the scope team otherwise"


@EACH
def test_teams_limits_are_kept(made: Any) -> None:
    assert len(made["name"]["short"]) <= 30
    assert len(made["name"]["full"]) <= 100
    assert len(made["description"]["short"]) <= 80
    assert len(made["description"]["full"]) <= 4_000
    assert len(made["developer"]["name"]) <= 32
    (bot,) = made["bots"]
    for offered in bot["commandLists"]:
        assert 1 <= len(offered["commands"]) <= 10
        assert all(len(one["title"]) <= 32 and len(one["description"]) <= 128 for one in offered["commands"])
    for command in commands(made).values():
        assert len(command["id"]) <= 64
        assert len(command["title"]) <= 32
        assert len(command["description"]) <= 128
        assert all(len(p["title"]) <= 32 and len(p["description"]) <= 128 for p in command.get("parameters", ()))


def test_every_command_of_the_extension_is_in_the_manifest_and_the_reverse() -> None:
    assert set(commands(MADE)) == COMMANDS
    assert len(MADE["composeExtensions"][0]["commands"]) == len(COMMANDS)


def test_the_search_is_a_query_and_all_other_commands_open_a_dialog() -> None:
    for name, command in commands(MADE).items():
        if name == actions.SEARCH_COMMAND:
            assert command["type"] == "query"
            assert [parameter["name"] for parameter in command["parameters"]] == ["query"]
        else:
            assert (command["type"], command["fetchTask"]) == ("action", True)


def test_commands_on_a_message_are_those_about_a_message() -> None:
    on_messages = {name for name, command in commands(MADE).items() if command["context"] == ["message"]}
    assert on_messages == {actions.IS_OK_COMMAND, actions.RAISE_COMMAND}
    others = [command["context"] for name, command in commands(MADE).items() if name not in on_messages]
    assert all(context == ["compose", "commandBox"] for context in others)


def test_every_offered_command_means_something_at_every_school(engine: Engine) -> None:
    titles = [one["title"] for one in MADE["bots"][0]["commandLists"][0]["commands"]]
    for title in titles:
        for school in engine.knowledge.schools:
            turn = Turn("1", "c", school, "p", title, datetime(2026, 3, 2, tzinfo=UTC))
            outcome = respond(turn, Memory(), engine, recorded=False)
            assert outcome.reply.kind in (Kind.ANSWER, Kind.CLARIFY, Kind.SMALLTALK), (title, school)


def test_one_bot_with_the_apps_own_id_and_no_more_permissions_than_it_needs() -> None:
    assert MADE["id"] == MADE["bots"][0]["botId"] == MADE["composeExtensions"][0]["botId"] == APP_ID.lower()
    assert MADE["bots"][0]["scopes"] == ["personal", "team", "groupChat"]
    assert MADE["permissions"] == ["identity", "messageTeamMembers"]
    assert not {"authorization", "webApplicationInfo", "devicePermissions"} & set(MADE)


@pytest.mark.parametrize(
    ("address", "host", "policies"),
    [
        (ADDRESS, "policy.example.org", "https://policy.example.org/policies"),
        ("https://policy.example.org/", "policy.example.org", "https://policy.example.org/policies"),
        ("https://trust.example/bot/", "trust.example", "https://trust.example/bot/policies"),
        ("https://trust.example:8443", "trust.example", "https://trust.example:8443/policies"),
    ],
)
def test_pages_are_at_the_address_and_the_domain_is_its_host_only(address: str, host: str, policies: str) -> None:
    made: Any = manifest(APP_ID, address, "1.4.0")
    assert made["validDomains"] == [host]
    assert {made["developer"][key] for key in ("websiteUrl", "privacyUrl", "termsOfUseUrl")} == {policies}


@pytest.mark.parametrize("app_id", ["", "abc", "11111111222233334444555555555555", f"{APP_ID}\n", f"{{{APP_ID}}}"])
def test_a_wrong_app_id_is_named(app_id: str) -> None:
    (fault,) = faults(app_id, ADDRESS, "1.0.0")
    assert "app id" in fault
    with pytest.raises(ValueError, match="app id"):
        manifest(app_id, ADDRESS, "1.0.0")


@pytest.mark.parametrize(
    "address",
    ["", "policy.example.org", "http://policy.example.org", "https://", "https://a b", "https://u:p@example.org",
     "https://*.example.org", "https://example.org/?q", "https://example.org#x", f"{ADDRESS}\n"],
)  # fmt: skip
def test_a_wrong_address_is_named(address: str) -> None:
    (fault,) = faults(APP_ID, address, "1.0.0")
    assert "address" in fault


@pytest.mark.parametrize("version", ["", "1", "1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.0.0rc1"])
def test_a_wrong_version_is_named(version: str) -> None:
    (fault,) = faults(APP_ID, ADDRESS, version)
    assert "version" in fault


# Icons


def pixels(png: bytes) -> tuple[int, int, int, list[bytes]]:
    """Width, height, bytes a pixel, and the rows of an 8-bit PNG without interlace."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, depth, colours, _, _, interlace = struct.unpack(">IIBBBBB", png[16:29])
    size = {2: 3, 6: 4}[colours]
    assert (depth, interlace) == (8, 0)
    packed, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        packed += png[at + 8 : at + 8 + length] if png[at + 4 : at + 8] == b"IDAT" else b""
        at += length + 12
    raw, rows, above = zlib.decompress(packed), [], bytes(width * size)
    for number in range(height):
        start = number * (width * size + 1)
        above = unfiltered(raw[start], raw[start + 1 : start + 1 + width * size], above, size)
        rows.append(above)
    return width, height, size, rows


def unfiltered(kind: int, line: bytes, above: bytes, size: int) -> bytes:
    """A row of a PNG as it was before it was filtered."""
    row = bytearray(line)
    for i in range(len(row)):
        left, up, corner = (row[i - size], above[i], above[i - size]) if i >= size else (0, above[i], 0)
        guess = left + up - corner
        nearest = min((left, up, corner), key=lambda one: abs(guess - one))
        row[i] = (row[i] + (0, left, up, (left + up) // 2, nearest)[kind]) & 0xFF
    return bytes(row)


def test_the_colour_icon_is_192_pixels_and_opaque() -> None:
    width, height, size, _ = pixels((ICONS / "color.png").read_bytes())
    assert (width, height, size) == (192, 192, 3)


def test_the_outline_icon_is_32_pixels_white_on_transparent() -> None:
    width, height, size, rows = pixels((ICONS / "outline.png").read_bytes())
    assert (width, height, size) == (32, 32, 4)
    dots = [row[i : i + 4] for row in rows for i in range(0, len(row), 4)]
    assert {dot[:3] for dot in dots if dot[3]} == {b"\xff\xff\xff"}
    clear, drawn = sum(dot[3] == 0 for dot in dots), sum(dot[3] == 255 for dot in dots)
    assert clear > 500
    assert drawn > 100
    assert all(row[3] == row[-1] == 0 for row in rows), "its sides are clear"


# The package and the command


def test_the_package_holds_manifest_and_icons_at_its_root_and_is_the_same_each_time() -> None:
    packed = package(MADE)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["manifest.json", MADE["icons"]["color"], MADE["icons"]["outline"]]
        assert json.loads(archive.read("manifest.json")) == MADE
        assert archive.read("color.png") == (ICONS / "color.png").read_bytes()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert package(manifest(APP_ID, ADDRESS, "1.4.0")) == packed
    assert package(manifest(APP_ID, ADDRESS, "1.4.1")) != packed


def run(*arguments: str, **environ: str) -> Result:
    cleared = dict.fromkeys(("TEAMS_APP_ID", "CHATBOT_PUBLIC_URL"))
    return CliRunner(env={**cleared, **environ}).invoke(app, ["manifest", "teams", *arguments])


def test_the_example_is_made_from_its_one_source() -> None:
    said = run("--app-id", "00000000-0000-0000-0000-000000000000", "--address", "https://YOUR-ADDRESS")
    assert (ROOT / "manifest/teams/manifest.json").read_text(encoding="utf-8") == said.stdout, "run `make manifest`"


def test_the_command_prints_the_manifest_from_options_or_the_environment() -> None:
    by_options = run("--app-id", APP_ID, "--address", ADDRESS, "--app-version", "1.4.0")
    by_environment = run("--app-version", "1.4.0", TEAMS_APP_ID=f" {APP_ID} ", CHATBOT_PUBLIC_URL=f"{ADDRESS}/")
    assert by_options.stdout == by_environment.stdout == manifest_text(MADE)
    assert by_options.exit_code == by_environment.exit_code == 0


def test_the_command_writes_the_package_and_says_so(tmp_path: Path) -> None:
    target = tmp_path / "app.zip"
    said = run("--app-id", APP_ID, "--address", ADDRESS, "--app-version", "1.4.0", "--package", str(target))
    assert said.exit_code == 0
    assert "app.zip is written" in said.stdout.replace("\n", "")
    assert target.read_bytes() == package(MADE)


def test_the_command_says_at_once_all_that_is_missing() -> None:
    said = run()
    assert said.exit_code == 2
    assert said.stdout == ""
    assert "set TEAMS_APP_ID or --app-id" in said.stderr
    assert "set CHATBOT_PUBLIC_URL or --address" in said.stderr


def test_the_command_names_what_is_wrong_and_writes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "app.zip"
    said = run("--app-id", "[red]", "--address", "http://x", "--app-version", "2", "--package", str(target))
    assert said.exit_code == 2
    assert all(f"not '{came}'" in said.stderr for came in ("[red]", "http://x", "2"))
    assert not target.exists()


def test_a_place_that_cannot_be_written_is_said_plainly(tmp_path: Path) -> None:
    said = run("--app-id", APP_ID, "--address", ADDRESS, "--package", str(tmp_path / "no" / "app.zip"))
    assert said.exit_code == 2
    assert "app.zip" in said.stderr.replace("\n", "")
