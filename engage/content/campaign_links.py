"""Where the links of a campaign may lead: to the clinic's own hosts by https, written in one way only.

Whatever a browser might read in two ways is refused: a name before the host, a port, a dot behind it, letters that look
alike, a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from markdown_it.token import Token

from engage.content.markdown import BUTTON, words
from engage.content.merge import MARK

LONGEST_LINK: Final = 500
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_HOST: Final = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
# Mail programs and telephones make links of such words by themselves.
_BARE: Final = re.compile(r"((?:[\w-]+\.)+([A-Za-z]{2,}))(:\d+)?(/.*)?")
_NUMBERS: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?(?:/.*)?")
_ENDS: Final = re.compile(
    r"com|net|org|edu|gov|mil|info|biz|name|pro|io|co|us|uk|ca|de|fr|eu|ru|cn|in|me|tv|cc|ly|gl|gd|ws|app|dev|xyz|top"
    r"|shop|store|site|online|website|click|link|live|life|health|clinic|care|page|example"
)
_BETWEEN: Final = re.compile(r"[\s<>\"'()\[\]{},;“”‘’]+")
_NAMED: Final = "a link is the same for everybody, so that nobody's name stands in an address"


class Wrong(NamedTuple):
    """Why a link is refused, and the cure."""

    code: str
    message: str
    cure: str


def hosts_of(listed: Collection[str], website: str) -> frozenset[str]:
    """The hosts that links may lead to: those listed, else the website's."""
    own = urlsplit(website).hostname or ""
    return frozenset(host.strip().lower() for host in listed) or frozenset({own})


def wrong_link(address: str, hosts: Collection[str]) -> Wrong | None:
    """Why ``address`` may not stand in a campaign; None when it may."""
    shown = address if len(address) <= 80 else address[:80] + "..."
    if MARK.search(address):
        return Wrong("link-name", f"the link {MARK.sub('{{ name }}', shown)} holds a name", _NAMED)
    scheme = _SCHEME.match(address)
    if not address.lower().startswith("https://"):
        what = f"begins with {scheme[1]}:" if scheme else "has no https://"
        return Wrong("link-scheme", f"the link {shown} {what}", "write all of it, beginning with https://")
    if len(address) > LONGEST_LINK:
        return Wrong(
            "link-long",
            f"the link {shown} has {len(address)} characters",
            f"use one of at most {LONGEST_LINK}",
        )
    host = re.split(r"[/?#\\]", address[8:], maxsplit=1)[0].lower()
    return _wrong_host(host, hosts, shown) or _wrong_rest(address, shown)


def _wrong_host(host: str, hosts: Collection[str], shown: str) -> Wrong | None:
    if "@" in host:
        after = host.rpartition("@")[2]
        return Wrong(
            "link-user",
            f"the link {shown} leads to {after}, whatever stands before the @",
            "delete all from // to @",
        )
    if ":" in host:
        return Wrong(
            "link-port", f"the link {shown} names a port", "delete the colon and the number behind the host"
        )
    if host.endswith("."):
        return Wrong("link-dot", f"the host in {shown} ends with a dot", "delete the dot")
    if host in hosts:
        return None
    listed = ", ".join(sorted(hosts))
    if not host.isascii() or "xn--" in host:
        cure = f"links may lead to {listed}"
        return Wrong("link-letters", f"the host in {shown} has letters that may look like others", cure)
    if not _HOST.fullmatch(host):
        return Wrong("link-host", f"the link {shown} names no host", f"links may lead to {listed}")
    cure = f"links may lead to {listed}; others are listed under [campaigns] link_hosts in clinic.toml"
    return Wrong("link-host", f"links to {host} are not allowed", cure)


def _wrong_rest(address: str, shown: str) -> Wrong | None:
    if "\\" in address or any(char.isspace() or char < " " for char in address):
        return Wrong("link-odd", f"the link {shown} holds a space or a backslash", "delete it")
    return None


def links(tokens: Sequence[Token]) -> list[str]:
    """The addresses of all links, buttons and images, as a mail program would get them."""
    found = []
    for token in tokens:
        for part in (token, *(token.children or [])):
            for name in ("href", "src"):
                if (value := part.attrGet(name)) is not None:
                    found.append(str(value))
    return found


def visible(tokens: Sequence[Token]) -> list[str]:
    """The words of each block, as they are read: of links only the label."""
    return [
        words(token) if token.type == "inline" else token.content
        for token in tokens
        if token.type in {"inline", "fence", "code_block", BUTTON}
    ]


def bare_links(text: str, hosts: Collection[str]) -> Iterator[tuple[str, Wrong]]:
    """What a mail program or telephone would take for a link though nobody marked it as one, and may not be there."""
    for word in dict.fromkeys(_BETWEEN.split(text)):
        chunk = word.strip(".,:!?*_`|")
        if "//" in chunk:
            start = chunk.find("//")
            before = re.search(r"[A-Za-z][A-Za-z0-9+.-]*:$", chunk[:start])
            address = chunk[before.start() if before else start :]
            wrong = wrong_link(address, hosts)
        else:
            address, wrong = chunk, _bare(chunk, hosts)
        if wrong:
            yield address, wrong


def _bare(chunk: str, hosts: Collection[str]) -> Wrong | None:
    if "@" in chunk or len(chunk) > 2 * LONGEST_LINK:
        return None
    found = _BARE.fullmatch(chunk)
    if found is None:
        if _NUMBERS.fullmatch(chunk) and "/" in chunk:
            return _wrong_host(chunk.partition("/")[0].partition(":")[0], hosts, chunk)
        return None
    host, end, port, path = found[1].lower(), found[2].lower(), found[3], found[4]
    if not (host.startswith("www.") or _ENDS.fullmatch(end) or port or path):
        return None
    wrong = _wrong_host(host + (port or ""), hosts, chunk)
    if wrong and wrong.code == "link-host":
        cure = f"put a space behind the full stop, or link to {', '.join(sorted(hosts))}"
        return Wrong("link-host", f"{chunk[:80]} would become a link to {host}", cure)
    if wrong is None and path:
        return Wrong(
            "link-scheme", f"{chunk[:80]} would become a link without https://", "write https:// before it"
        )
    return wrong
