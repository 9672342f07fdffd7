"""From bytes to rows: encodings, quotation marks, and files that are no tables."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engage.domain.imports.encoding import Look, NoTable
from engage.domain.imports.records import Record, delimiter, records

TEXT = "id,name\r\n1,José Łuczak\r\n2,Zoë\r\n"


def encoding(content: bytes, piece: int = 7) -> str:
    found = Look()
    for at in range(0, len(content), piece):
        found.see(content[at : at + piece])
    return found.encoding


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
    ],
)
def test_an_encoding_is_found(content: bytes) -> None:
    assert content.decode(encoding(content)) == TEXT


def test_windows_letters_are_found() -> None:
    text = "id,name\r\n1,José\r\n2,Zoë “Zo” Müller\r\n"
    assert text.encode("cp1252").decode(encoding(text.encode("cp1252"))) == text


@pytest.mark.parametrize("piece", [1, 2, 3, 5, 4096])
def test_a_letter_that_is_cut_by_a_piece_is_no_broken_one(piece: int) -> None:
    assert encoding(("é" * 100).encode(), piece) == "utf-8"


def test_a_few_broken_bytes_make_no_other_encoding() -> None:
    content = ("é" * 50).encode() + b"\xff\xfe\x80"
    assert encoding(content) == "utf-8"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04rest", "an Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel workbook"),
        (b"%PDF-1.7", "a PDF"),
        (b"\x1f\x8b\x08", "a compressed file"),
        (b'  {"rows": []}', "JSON"),
        (b"<html><table>", "a web page"),
        (b"BEGIN:VCALENDAR\r\n", "a calendar file"),
    ],
)
def test_what_is_no_table_is_told(content: bytes, words: str) -> None:
    with pytest.raises(NoTable, match=words):
        encoding(content)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("a,b,c\r\n", ","),
        ("a;b;c\r\n", ";"),
        ("a\tb\tc\r\n", "\t"),
        ('"a,x";"b,y";c\r\n', ";"),
        ("alone\r\n", ","),
    ],
)
def test_the_delimiter_is_the_header_s(header: str, found: str) -> None:
    assert delimiter(header) == found


def read(text: str) -> list[Record]:
    return list(records(text.splitlines(keepends=True), ","))


def test_a_cell_may_have_lines_and_commas_in_it() -> None:
    assert read('id,note\r\n1,"two\r\nlines, ""so"""\r\n2,x\r\n') == [
        Record(1, ["id", "note"]),
        Record(2, ["1", 'two\r\nlines, "so"']),
        Record(3, ["2", "x"]),
    ]


def test_a_quotation_that_never_ends_costs_its_row_and_no_other() -> None:
    found = read('id,name\n1,"Ada\n2,Bao\n3,Chi\n')
    assert [(one.row, one.cells) for one in found] == [
        (1, ["id", "name"]),
        (2, []),
        (3, ["2", "Bao"]),
        (4, ["3", "Chi"]),
    ]
    assert "never closed" in found[1].problem


def test_a_quotation_that_ends_in_another_row_costs_its_row_and_no_other() -> None:
    found = read('id,name\n1,"Ada\n2,"Bao"\n3,Chi\n')
    assert [one.cells for one in found] == [["id", "name"], [], ["2", "Bao"], ["3", "Chi"]]


def test_a_stray_quotation_mark_costs_its_row_and_no_other() -> None:
    found = read('id,name\n1,"A"da"\n2,Bao\n')
    assert [one.cells for one in found] == [["id", "name"], [], ["2", "Bao"]]
    assert "inside a cell" in found[1].problem


def test_a_file_of_open_quotations_is_read_to_its_end() -> None:
    found = read("id,name\n" + '1,"\n' * 5000)
    assert len(found) > 2500
    assert all(one.problem for one in found[1:] if not one.cells)


@pytest.mark.parametrize("cell", ["x" * 250_000, "x," * 125_000])
def test_a_line_without_an_end_costs_its_row_and_no_other(cell: str) -> None:
    found = read(f'id,name\n1,"Ada\n{cell}\n3,Chi\n')
    assert [(one.row, one.cells) for one in found] == [
        (1, ["id", "name"]),
        (2, []),
        (3, []),
        (4, ["3", "Chi"]),
    ]
    assert "never closed" in found[1].problem and "longer than any" in found[2].problem


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), min_size=1))
def test_whatever_a_program_writes_is_read_as_it_was(rows: list[list[str]]) -> None:
    made = io.StringIO(newline="")
    csv.writer(made).writerows(rows)
    lines = io.StringIO(made.getvalue(), newline="")
    assert [one.cells for one in records(lines, ",")] == rows


@given(st.text(alphabet='a1,"\n\r;', max_size=200))
def test_nothing_is_lost_of_any_text(text: str) -> None:
    found = list(records(io.StringIO(text, newline=""), ","))
    assert [one.row for one in found] == list(range(1, len(found) + 1))
    letters = sum(cell.count("a") for one in found for cell in one.cells)
    assert letters == text.count("a") or any(one.problem for one in found)
