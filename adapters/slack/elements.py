"""The small parts that messages and views are made of. Words that are not ours are plain text or runs of rich text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    InputBlock,
    InputInteractiveElement,
    MarkdownTextObject,
    Option,
    OptionGroup,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextListElement,
    RichTextQuoteElement,
    RichTextSectionElement,
    SectionBlock,
    StaticSelectElement,
)

from adapters.chat.texts import is_blank, one_line, visible
from adapters.slack.actions import CHOSEN, LONGEST_INPUT, LONGEST_VALUE, TYPED
from adapters.slack.texts import LONGEST_SECTION, bounded, defused, split

LONGEST_BUTTON = 75
LONGEST_TITLE = 24
_LONGEST_HEADER = 150
_LONGEST_NOTE = 1_000
_BUTTONS_IN_A_ROW = 5
_RADIO_BUTTONS = 10
_OPTIONS = 100

Run = RichTextElement
"""A stretch of rich text: words, an emoji, a link."""


def plain(text: str, limit: int = LONGEST_SECTION) -> PlainTextObject:
    """Words that are not ours: shown as they are, emoji codes too."""
    return PlainTextObject(text=bounded(visible(text), limit), emoji=False)


def own(text: str, limit: int) -> PlainTextObject:
    """Our own words, in which emoji codes are pictures."""
    return PlainTextObject(text=bounded(one_line(text), limit), emoji=True)


def said(text: str, *, bold: bool = False) -> Run:
    """A run of words."""
    style = RichTextElementParts.TextStyle(bold=True) if bold else None
    return RichTextElementParts.Text(text=bounded(visible(text), LONGEST_SECTION), style=style)


def emoji(name: str) -> Run:
    """A picture; the words beside it say the same."""
    return RichTextElementParts.Emoji(name=name)


def link(text: str, url: str) -> Run:
    """A link to an address of our own."""
    return RichTextElementParts.Link(url=url, text=bounded(one_line(text), LONGEST_SECTION))


def line(*runs: Run) -> RichTextSectionElement:
    """Runs that follow each other."""
    return RichTextSectionElement(elements=list(runs))


def quote(*runs: Run) -> RichTextQuoteElement:
    """A quotation, set apart by a bar."""
    return RichTextQuoteElement(elements=list(runs))


def bullets(lines: Iterable[Sequence[Run]]) -> RichTextListElement:
    """A list."""
    return RichTextListElement(style="bullet", elements=[line(*runs) for runs in lines])


def rich(*elements: RichTextElement, block_id: str | None = None) -> RichTextBlock:
    """A block of rich text."""
    return RichTextBlock(elements=list(elements), block_id=block_id)


def paragraph(icon: str, lead: str, text: str = "", *, block_id: str | None = None) -> RichTextBlock:
    """A picture, what matters in bold, and the rest."""
    runs = [emoji(icon), said(" ")] if icon else []
    runs += [said(lead, bold=True)] if lead else []
    runs += [said(f" {text}" if lead else text)] if text else []
    return rich(line(*runs), block_id=block_id)


def sections(text: str) -> tuple[SectionBlock, ...]:
    """Words that are not ours, whole, in as many blocks as they need."""
    if is_blank(text):
        return ()
    return tuple(SectionBlock(text=plain(piece), expand=True) for piece in split(visible(text)))


def quotation(text: str) -> tuple[RichTextBlock, ...]:
    """Words that are not ours, whole, set apart by a bar."""
    return tuple(rich(quote(said(piece))) for piece in split(visible(text)))


def header(text: str, icon: str = "") -> HeaderBlock:
    """A heading in our own words."""
    return HeaderBlock(text=own(f":{icon}: {text}" if icon else text, _LONGEST_HEADER))


def note(text: str, icon: str = "") -> ContextBlock:
    """A line in small type."""
    picture = [PlainTextObject(text=f":{icon}:", emoji=True)] if icon else []
    return ContextBlock(elements=[*picture, plain(one_line(text), _LONGEST_NOTE)])


def marked(text: str, *, block_id: str | None = None) -> SectionBlock:
    """A section of mrkdwn in which all that is not ours has been defused."""
    return SectionBlock(text=MarkdownTextObject(text=text, verbatim=True), block_id=block_id)


def facts(rows: Iterable[tuple[str, str]]) -> SectionBlock:
    """Names and values side by side; the values are mrkdwn that has been defused."""
    fields = [MarkdownTextObject(text=f"*{defused(name)}*\n{value}", verbatim=True) for name, value in rows]
    return SectionBlock(fields=fields)


def button(
    text: str,
    action_id: str,
    value: str = "",
    *,
    says: str = "",
    style: str | None = None,
    url: str | None = None,
    confirm: ConfirmObject | None = None,
) -> ButtonElement:
    """A button. `says` is read out in place of its text, where that alone would not tell it from others."""
    return ButtonElement(
        text=plain(one_line(text), LONGEST_BUTTON),
        action_id=action_id,
        value=value[:LONGEST_VALUE] or None,
        accessibility_label=bounded(one_line(says), LONGEST_BUTTON) or None,
        style=style,
        url=url,
        confirm=confirm,
    )


def actions(buttons: Sequence[ButtonElement], block_id: str | None = None) -> tuple[ActionsBlock, ...]:
    """Buttons in rows; none where there are none."""
    rows = [buttons[at : at + _BUTTONS_IN_A_ROW] for at in range(0, len(buttons), _BUTTONS_IN_A_ROW)]
    ids = [block_id if number == 0 or block_id is None else f"{block_id}.{number}" for number in range(len(rows))]
    return tuple(ActionsBlock(elements=list(row), block_id=name) for row, name in zip(rows, ids, strict=True))


def field(
    label: str, block_id: str, *, hint: str = "", typed: str = "", lines: bool = True, optional: bool = False,
    focus: bool = False,
) -> InputBlock:  # fmt: skip
    """A field to type in, with what was typed before."""
    typed = bounded(visible(typed), LONGEST_INPUT)
    element = PlainTextInputElement(
        action_id=TYPED,
        multiline=lines,
        max_length=LONGEST_INPUT,
        initial_value=None if is_blank(typed) else typed,
        focus_on_load=focus or None,
    )
    return _input(label, element, block_id, hint, optional=optional)


def choice_of(
    label: str, block_id: str, options: Sequence[tuple[str, str]], *, hint: str = "", chosen: str = "",
    placeholder: str,
) -> InputBlock:  # fmt: skip
    """A field to choose in: a few are all shown, many are a list. `options` are values and texts."""
    made = [Option(value=value, text=plain(one_line(text), LONGEST_BUTTON)) for value, text in options]
    first = next((option for option in made if option.value == chosen), None)
    element: InputInteractiveElement
    if len(made) <= _RADIO_BUTTONS:
        element = RadioButtonsElement(action_id=CHOSEN, options=made, initial_option=first)
    elif len(made) <= _OPTIONS:
        element = StaticSelectElement(
            action_id=CHOSEN, options=made, initial_option=first, placeholder=own(placeholder, LONGEST_BUTTON)
        )
    else:
        rows = [made[at : at + _OPTIONS] for at in range(0, len(made), _OPTIONS)][:_OPTIONS]
        groups = [
            OptionGroup(label=f"{at * _OPTIONS + 1} to {at * _OPTIONS + len(row)}", options=row)
            for at, row in enumerate(rows)
        ]
        element = StaticSelectElement(
            action_id=CHOSEN, option_groups=groups, initial_option=first, placeholder=own(placeholder, LONGEST_BUTTON)
        )
    return _input(label, element, block_id, hint)


def _input(
    label: str, element: InputInteractiveElement, block_id: str, hint: str, *, optional: bool = False
) -> InputBlock:
    return InputBlock(
        label=own(label, LONGEST_SECTION // 2),
        element=element,
        block_id=block_id,
        hint=own(hint, LONGEST_SECTION // 2) if hint else None,
        optional=optional or None,
    )


def all_of(*parts: Iterable[Block] | Block) -> tuple[Block, ...]:
    """Blocks and rows of blocks as one row."""
    return tuple(block for part in parts for block in ((part,) if isinstance(part, Block) else part))
