"""Authors' Markdown to tokens, and tokens to HTML.

Tokens are those of markdown-it, with four changes: a paragraph that is one link titled "button" becomes
one ``button`` token, links titled "tap" carry that class instead (choices that stand side by side), headings begin
at level 2 (the page or letter has its own level 1), and tables carry the classes and scopes that letters need.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

BUTTON: Final = "button"
TAP: Final = "tap"


def parse(text: str) -> list[Token]:
    """Block tokens, inline ones as their children. Raw HTML is text here."""
    return _parser().parse(text)


def to_html(tokens: Sequence[Token], *, web: bool = False) -> str:
    """HTML for a letter, or for a web page, where buttons are plain links with a class."""
    parser = _parser()
    return str(parser.renderer.render(tokens, parser.options, {"web": web}))


def words(inline: Token) -> str:
    """The visible text of an inline token; breaks are spaces."""
    parts = [
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in inline.children or []
        if child.type in {"text", "code_inline", "softbreak", "hardbreak"}
    ]
    return "".join(parts)


def without_link(tokens: Sequence[Token], href: str) -> list[Token]:
    """The tokens less each button or paragraph that is only a link to ``href``."""
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == BUTTON and token.attrGet("href") == href:
            at += 1
        elif token.type == "paragraph_open" and _sole_link(tokens[at + 1], href):
            at += 3
        else:
            kept.append(token)
            at += 1
    return kept


def without_title(tokens: Sequence[Token]) -> list[Token]:
    """The tokens less the author's ``#`` heading, where the page shows the title itself."""
    at = next((n for n, token in enumerate(tokens) if token.meta.get("title")), None)
    return list(tokens) if at is None else [*tokens[:at], *tokens[at + 3 :]]


def _sole_link(inline: Token, href: str) -> bool:
    children = [child for child in inline.children or [] if child.type != "text" or child.content.strip()]
    opens = [child for child in children if child.type == "link_open"]
    ends = bool(children) and children[0].type == "link_open" and children[-1].type == "link_close"
    return ends and len(opens) == 1 and opens[0].attrGet("href") == href


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.core.ruler.after("inline", "letter", _letter)
    parser.add_render_rule(BUTTON, _button)
    return parser


def _letter(state: StateCore) -> None:
    tokens: list[Token] = []
    source = iter(state.tokens)
    for token in source:
        if token.type in {"heading_open", "heading_close"} and token.tag == "h1":
            token.tag = "h2"
            token.meta["title"] = True
        elif token.type == "table_open":
            token.attrSet("class", "data")
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        for child in token.children or []:
            if child.type == "link_open" and child.attrGet("title") == TAP:
                child.attrs = {"href": str(child.attrGet("href")), "class": TAP}
        tokens.append(token)
        if token.type == "inline" and (button := _as_button(token)):
            tokens[-2:] = [button]
            next(source)
    state.tokens = tokens


def _as_button(inline: Token) -> Token | None:
    children = inline.children or []
    if not children or children[0].type != "link_open" or children[0].attrGet("title") != BUTTON:
        return None
    if children[-1].type != "link_close" or sum(child.type == "link_open" for child in children) > 1:
        return None
    href = str(children[0].attrGet("href"))
    return Token(BUTTON, "a", 0, attrs={"href": href}, content=words(inline), map=inline.map, block=True)


def _button(_: Any, tokens: Sequence[Token], index: int, __: Any, env: dict[str, Any]) -> str:
    label, href = escapeHtml(tokens[index].content), escapeHtml(str(tokens[index].attrGet("href")))
    if env.get("web"):
        return f'<p><a class="button" href="{href}">{label}</a></p>\n'
    # Padding on both the cell (for Outlook, by mso-padding-alt) and the link, so all of it can be tapped.
    return (
        '<table role="presentation" class="button" cellpadding="0" cellspacing="0" border="0"><tr>'
        f'<td class="button-cell"><a class="button-link" href="{href}">{label}</a></td></tr></table>\n'
    )
