"""Ways to break knowledge, each with the file in which it must be told and with which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ASHLEY = "schools/ashley"
CONTACT = f"{ASHLEY}/rules/contact.yaml"
RULE = """\
  - id: {id}
    intent: {intent}
    verdict: {verdict}
    clauses: [{clauses}]
    because: It says so.
    guidance: Do so.
    since: "2025-03"
{more}"""


def edit(folder: Path, name: str, old: str, new: str, count: int = 1) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{name} has changed; this test edits {old!r}"
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def put_first(folder: Path, name: str, rule: str) -> None:
    edit(folder, name, "rules:\n", f"rules:\n{rule}")


def rule(
    rule_id: str = "made-up", intent: str = "contact-pupil", verdict: str = "info", clauses: str = "3.e", more: str = ""
) -> str:
    return RULE.format(id=rule_id, intent=intent, verdict=verdict, clauses=clauses, more=more)


def clause_text(folder: Path) -> str:
    """The line of the first clause's text, as it stands in clauses.yaml."""
    return next(
        line
        for line in (folder / f"{ASHLEY}/clauses.yaml").read_text(encoding="utf-8").splitlines()
        if "text: " in line
    )


@dataclass(frozen=True)
class Fault:
    """A way to break knowledge: what is done, in which file the problem is told, and with which words."""

    name: str
    do: Callable[[Path], None]
    where: str
    words: tuple[str, ...]
    line: bool = True


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def overwrite(folder: Path) -> None:
        (folder / name).write_bytes(content)

    return overwrite


FAULTS = (
    Fault("bad YAML", lambda f: edit(f, CONTACT, "rules:\n", "rules: [\n"), CONTACT, ("not YAML",)),
    Fault("tab indentation", lambda f: edit(f, CONTACT, "rules:\n", "rules:\n\t- id: x\n"), CONTACT, ("not YAML",)),
    Fault(
        "unknown key",
        lambda f: put_first(f, CONTACT, rule(more="    guidence: x\n")),
        CONTACT,
        ("unknown key 'guidence'", "did you mean 'guidance'?"),
    ),
    Fault(
        "unknown key of a school",
        lambda f: edit(f, f"{ASHLEY}/school.yaml", "owner:", "ownr:"),
        f"{ASHLEY}/school.yaml",
        ("unknown key 'ownr'", "did you mean 'owner'?"),
    ),
    Fault(
        "missing key",
        lambda f: put_first(f, CONTACT, rule().replace("    because: It says so.\n", "")),
        CONTACT,
        ("made-up", "needs 'because'"),
    ),
    Fault(
        "empty text",
        lambda f: put_first(f, CONTACT, rule().replace("It says so.", '""')),
        CONTACT,
        ("'because' is empty",),
    ),
    Fault(
        "missing clause",
        lambda f: put_first(f, CONTACT, rule(clauses="3.e, 3.zz")),
        CONTACT,
        ("made-up", "no clause '3.zz'"),
    ),
    Fault("no clause at all", lambda f: put_first(f, CONTACT, rule(clauses="")), CONTACT, ("made-up", "one to three")),
    Fault(
        "too many clauses",
        lambda f: put_first(f, CONTACT, rule(clauses="3.a, 3.b, 3.c, 3.d")),
        CONTACT,
        ("made-up", "4 clauses"),
    ),
    Fault(
        "quote not in the policy",
        lambda f: edit(
            f,
            f"{ASHLEY}/clauses.yaml",
            clause_text(f),
            clause_text(f).replace("text: ", "text: Nobody ever wrote that "),
        ),
        f"{ASHLEY}/clauses.yaml",
        ("word for word", "Nobody ever wrote that"),
    ),
    Fault(
        "a word of the policy changed",
        lambda f: edit(f, f"{ASHLEY}/policy.md", "past or present", "past and present"),
        f"{ASHLEY}/clauses.yaml",
        ("word for word",),
    ),
    Fault(
        "misspelt intent",
        lambda f: put_first(f, CONTACT, rule(intent="contact-pupli")),
        CONTACT,
        ("no intent named 'contact-pupli'", "did you mean 'contact-pupil'?"),
    ),
    Fault(
        "misspelt verdict",
        lambda f: put_first(f, CONTACT, rule(verdict="not_alowed")),
        CONTACT,
        ("not_alowed", "did you mean 'not_allowed'?"),
    ),
    Fault(
        "unknown slot",
        lambda f: put_first(f, CONTACT, rule(more="    when: {relaton: pupil}\n")),
        CONTACT,
        ("no slot 'relaton'", "did you mean 'relation'?"),
    ),
    Fault(
        "unknown slot value",
        lambda f: put_first(f, CONTACT, rule(more="    when: {relation: former_pupl}\n")),
        CONTACT,
        ("no value 'former_pupl'", "did you mean 'former_pupil'?"),
    ),
    Fault("clashing rules", lambda f: put_first(f, CONTACT, rule()), CONTACT, ("clashes with",)),
    Fault(
        "duplicate rule ids",
        lambda f: put_first(
            f, CONTACT, rule(rule_id="no-contact-with-pupils", more="    when: {relation: colleague}\n")
        ),
        CONTACT,
        ("no-contact-with-pupils", "ids are unique"),
    ),
    Fault(
        "bad id",
        lambda f: put_first(f, CONTACT, rule(rule_id="Made Up", more="    when: {relation: colleague}\n")),
        CONTACT,
        ("'Made Up'", "small letters"),
    ),
    Fault(
        "an ask that changes nothing",
        lambda f: put_first(f, CONTACT, rule(more="    when: {relation: colleague}\n    ask: device\n")),
        CONTACT,
        ("made-up", "asks for 'device'"),
    ),
    Fault(
        "an ask for no slot",
        lambda f: put_first(f, CONTACT, rule(more="    when: {relation: colleague}\n    ask: ages\n")),
        CONTACT,
        ("asks for 'ages'", "did you mean 'age'?"),
    ),
    Fault(
        "duplicate clause ids",
        lambda f: edit(f, f"{ASHLEY}/clauses.yaml", "id: 1.b", "id: 1.a"),
        f"{ASHLEY}/clauses.yaml",
        ("'1.a' stands twice",),
    ),
    Fault(
        "duplicate key",
        lambda f: edit(f, f"{ASHLEY}/school.yaml", "owner:", "name: Other\nowner:"),
        f"{ASHLEY}/school.yaml",
        ("'name' twice",),
    ),
    Fault(
        "bad date",
        lambda f: edit(f, f"{ASHLEY}/school.yaml", '"2026-03"', '"2026-13"'),
        f"{ASHLEY}/school.yaml",
        ("2026-13", "should be a date"),
    ),
    Fault(
        "alias bomb",
        write(f"{ASHLEY}/not_encoded.yaml", b"- &a {clause: 1.a, reason: x}\n" + b"- *a\n" * 1000),
        f"{ASHLEY}/not_encoded.yaml",
        ("alias",),
    ),
    Fault(
        "billion laughs",
        write(
            "words.yaml",
            b"a: &a [x,x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (98 + n, 98 + n, 97 + n, 97 + n) for n in range(20)),
        ),
        "words.yaml",
        ("alias",),
    ),
    Fault(
        "deep nesting", write("words.yaml", b"[" * 5000 + b"]" * 5000), "words.yaml", ("nested too deeply",), line=False
    ),
    Fault(
        "not UTF-8",
        write(f"{ASHLEY}/school.yaml", b"name: Caf\xe9\n"),
        f"{ASHLEY}/school.yaml",
        ("not UTF-8", "save it as UTF-8"),
        line=False,
    ),
    Fault(
        "a policy that is not UTF-8",
        write(f"{ASHLEY}/policy.md", b"Caf\xe9\n"),
        f"{ASHLEY}/policy.md",
        ("cannot be read",),
        line=False,
    ),
    Fault(
        "huge file",
        write(f"{ASHLEY}/not_encoded.yaml", b"# " + b"x" * 4_100_000),
        f"{ASHLEY}/not_encoded.yaml",
        ("4100002 bytes",),
        line=False,
    ),
    Fault(
        "missing school file",
        lambda f: (f / f"{ASHLEY}/school.yaml").unlink(),
        f"{ASHLEY}/school.yaml",
        ("cannot be read",),
        line=False,
    ),
    Fault("missing slots", lambda f: (f / "slots.yaml").unlink(), "slots.yaml", ("cannot be read",), line=False),
    Fault(
        "missing wording",
        lambda f: (f / "wording/en.yaml").unlink(),
        "wording/en.yaml",
        ("cannot be read",),
        line=False,
    ),
    Fault(
        "missing screening",
        lambda f: (f / "safeguarding.yaml").unlink(),
        "safeguarding.yaml",
        ("cannot be read",),
        line=False,
    ),
    Fault(
        "a bad pattern",
        lambda f: edit(f, "slots.yaml", "patterns:\n        - '", "patterns:\n        - '(("),
        "slots.yaml",
        ("does not compile",),
    ),
    Fault(
        "a missing wording key",
        lambda f: edit(f, "wording/en.yaml", "  empty:", "  emptty:"),
        "wording/en.yaml",
        ("empty",),
    ),
    Fault(
        "a template that is none",
        lambda f: edit(f, "wording/en.yaml", '  goodbye: "Goodbye."', '  goodbye: "Good{bye."'),
        "wording/en.yaml",
        ("not a template",),
    ),
    Fault(
        "a template with an unknown word",
        lambda f: edit(f, "wording/en.yaml", '  goodbye: "Goodbye."', '  goodbye: "Bye {shcool}."'),
        "wording/en.yaml",
        ("shcool",),
    ),
    Fault(
        "an intent with rules and silence",
        lambda f: edit(
            f, CONTACT, "silent:\n", "silent:\n  - intent: contact-pupil\n    say: Nothing.\n    ask: the head\n"
        ),
        f"{ASHLEY}/rules",
        ("contact-pupil", "silent too"),
        line=False,
    ),
    Fault(
        "an intent with neither",
        lambda f: edit(f, CONTACT, "intent: professional-distance", "intent: contact-pupil"),
        f"{ASHLEY}/rules",
        ("professional-distance",),
        line=False,
    ),
    Fault(
        "a duplicate phrasing",
        lambda f: edit(f, "intents/contact/contact-pupil.yaml", "examples:\n", 'examples:\n  - "a b c"\n  - "a b c"\n'),
        "intents/contact/contact-pupil.yaml",
        ("example twice",),
    ),
)
