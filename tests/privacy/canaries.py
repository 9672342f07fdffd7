"""Values that stand for what people told us, and the search for them in any writing."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

SHORTEST = 6


class Canaries:
    """``values`` by name, such as an address. Each must be long enough to appear nowhere by chance."""

    def __init__(self, values: Mapping[str, str]) -> None:
        assert all(len(value.encode()) >= SHORTEST for value in values.values())
        self._forms = {name: frozenset(_forms(value)) for name, value in values.items()}

    def found_in(self, writing: bytes | str) -> list[str]:
        """The names of the values that occur in ``writing``, in any form; never the values themselves."""
        raw = writing.encode("utf-8", "surrogatepass") if isinstance(writing, str) else writing
        low = raw.lower()
        return [
            name for name, forms in self._forms.items() if any(form in raw or form in low for form in forms)
        ]

    def found_in_any(self, writings: Iterable[tuple[str, bytes | str]]) -> list[str]:
        """``place: name`` for each value found in a named writing."""
        return [f"{place}: {name}" for place, writing in writings for name in self.found_in(writing)]


def _forms(value: str) -> Iterable[bytes]:
    """The value as itself, and as software is used to writing it."""
    raw = value.encode()
    yield raw
    yield value.lower().encode()
    yield raw.hex().encode()
    yield quote(value).encode()
    yield quote_plus(value).encode()
    yield html.escape(value).encode()
    yield json.dumps(value)[1:-1].encode()
    yield ascii(value)[1:-1].encode()
    yield repr(raw)[2:-1].encode()
    for place in range(3):
        # Base64 of a longer text has the value at one of three places; its first and last signs vary.
        yield b64encode(b"\0" * place + raw)[4 if place else 0 : -4]
