"""The plain-text part, made from the same Markdown as the HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Final

from markdown_it.token import Token

from engage.content.markdown import BUTTON, words

WIDTH: Final = 72
_MARKS_OF_END: Final = re.compile(r"[.,;:!?]+\s*")


def plain(tokens: Sequence[Token]) -> str:
    """Wrapped text that ends with one newline. Addresses stand as ``words: URL`` and are never broken."""
    return "\n\n".join(_blocks(tokens, WIDTH)) + "\n"


def wrap(text: str, width: int = WIDTH) -> str:
    """``text`` in lines of up to ``width`` columns, longer words whole; its own newlines stay."""
    return "\n".join(
        fill(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n")
    )


def _blocks(tokens: Sequence[Token], width: int) -> list[str]:
    return [block for token, inner in _groups(tokens) if (block := _block(token, inner, width)).strip()]


def _groups(tokens: Sequence[Token]) -> Iterator[tuple[Token, Sequence[Token]]]:
    """Each token of the outermost level with those inside it."""
    at = 0
    while at < len(tokens):
        end = at
        depth: int = tokens[at].nesting
        while depth > 0:
            end += 1
            depth += tokens[end].nesting
        yield tokens[at], tokens[at + 1 : end]
        at = end + 1


def _block(token: Token, inner: Sequence[Token], width: int) -> str:
    match token.type:
        case "paragraph_open":
            return wrap(_inline(inner[0]), width)
        case "heading_open":
            title = wrap(_inline(inner[0]), width)
            return f"{title}\n{'-' * max(len(line) for line in title.split(chr(10)))}"
        case "bullet_list_open" | "ordered_list_open":
            return _list(token, inner, width)
        case "blockquote_open":
            return _indented("\n\n".join(_blocks(inner, width - 2)), "> ", "> ")
        case "table_open":
            return _table(inner, width)
        case "fence" | "code_block":
            return _indented(token.content.rstrip(), "    ", "    ")
        case "hr":
            return "* * *"
    return f"{token.content.rstrip(': ')}: {token.attrGet('href')}" if token.type == BUTTON else ""


def _list(opening: Token, tokens: Sequence[Token], width: int) -> str:
    number = int(opening.attrGet("start") or 1) if opening.type == "ordered_list_open" else None
    loose = any(token.type == "paragraph_open" and not token.hidden for token in tokens)
    gap = "\n\n" if loose else "\n"
    items: list[str] = []
    for _, inner in _groups(tokens):
        sign = "- " if number is None else f"{number}. "
        number = None if number is None else number + 1
        items.append(_indented(gap.join(_blocks(inner, width - len(sign))), sign, " " * len(sign)))
    return gap.join(items)


def _indented(text: str, first: str, rest: str) -> str:
    lines = (f"{rest if at else first}{line}".rstrip() for at, line in enumerate(text.split("\n")))
    return "\n".join(lines)


def _table(tokens: Sequence[Token], width: int) -> str:
    """A row becomes its first cell and, below it, one line for each other: columns don't survive phones."""
    rows: list[list[str]] = []
    for at, token in enumerate(tokens):
        if token.type == "tr_open":
            rows.append([])
        elif token.type in {"th_open", "td_open"}:
            rows[-1].append(_inline(tokens[at + 1]))
    heads, *body = rows
    blocks = []
    for first, *others in body:
        lines = [
            f"{head}: {cell}" if head else cell for head, cell in zip(heads[1:], others, strict=False) if cell
        ]
        blocks.append(
            "\n".join([wrap(first, width), *(_indented(wrap(line, width - 2), "  ", "  ") for line in lines)])
        )
    return "\n\n".join(blocks)


def _inline(token: Token) -> str:
    """One line of words, with a newline where the author or an address ends one."""
    out: list[str] = []
    label_at, href, after_link = 0, "", False
    for child in token.children or []:
        if child.type == "link_open":
            label_at, href = len(out), str(child.attrGet("href"))
        elif child.type == "link_close":
            label = "".join(out[label_at:])
            out[label_at:] = [_address(label, href)]
        elif child.type in {"text", "code_inline"} and child.content:
            out.append(_apart(child.content) if after_link else child.content)
        elif child.type == "softbreak":
            out.append(" ")
        elif child.type == "hardbreak":
            out.append("\n")
        elif child.type == "image":
            out.append(words(child))
        after_link = child.type == "link_close" or (after_link and not child.content)
    return "\n".join(line.strip() for line in "".join(out).strip().split("\n"))


def _address(label: str, href: str) -> str:
    address = href.removeprefix("mailto:").removeprefix("tel:")
    return (
        address
        if label in {address, href} or not label.strip()
        else f"{label.strip().rstrip(':')}: {address}"
    )


def _apart(following: str) -> str:
    """What comes after an address, so that no full stop or bracket sticks to it."""
    found = _MARKS_OF_END.match(following)
    if found:
        return "\n" + following[found.end() :]
    return following if following[0].isspace() else f" {following}"
