"""How the bytes of a file are to be read: found by looking at all of them once, a piece at a time."""

from __future__ import annotations

import codecs
from typing import Final

# What a program writes that was asked for something else than a CSV file.
_NO_CSV: Final[tuple[tuple[bytes, str], ...]] = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF", "a PDF"),
    (b"\x1f\x8b", "a compressed file"),
    (b"{", "JSON"),
    (b"[{", "JSON"),
    (b"<", "a web page or XML"),
    (b"BEGIN:VCALENDAR", "a calendar file"),
)
_BOMS: Final[tuple[tuple[bytes, str], ...]] = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_START: Final = 4096
# The sign that stands for what could not be read.
BROKEN: Final = "\ufffd"


class NoTable(ValueError):
    """The file is no table of text; the message says what it is and what to do."""


class Look:
    """Looks at a file piece by piece. ``encoding`` afterwards is what to decode it with, errors replaced."""

    def __init__(self) -> None:
        self._start = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        # Signs beyond ASCII that are UTF-8, and bytes that are not.
        self._good = 0
        self._bad = 0

    def see(self, piece: bytes) -> None:
        """The next bytes of the file."""
        if len(self._start) < _START:
            self._start += piece[: _START - len(self._start)]
        text = self._decoder.decode(piece)
        if not text.isascii():
            readable = len(text.encode("utf-8", "ignore").decode())
            self._bad += len(text) - readable
            self._good += readable - len(text.encode("ascii", "ignore"))

    @property
    def encoding(self) -> str:
        """A name that Python knows. Raises NoTable."""
        start = self._start.lstrip(b" \t\r\n")
        for mark, words in _NO_CSV:
            if start.startswith(mark):
                raise NoTable(f"That is {words}, no CSV file. Please export or save it as CSV (UTF-8).")
        for mark, name in _BOMS:
            if self._start.startswith(mark):
                return name
        # A few broken bytes among many good ones make no other encoding of a file.
        return _sixteen(self._start) or ("cp1252" if self._bad > self._good else "utf-8")


def _sixteen(start: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of plain text is zero."""
    if len(start) < 4:
        return None
    pairs = len(start) // 2
    even, odd = start[: 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if odd > 0.7 * pairs and even < 0.1 * pairs:
        return "utf-16-le"
    if even > 0.7 * pairs and odd < 0.1 * pairs:
        return "utf-16-be"
    return None
