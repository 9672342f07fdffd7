"""What was measured: printed as it comes, and kept for a file of JSON and for the docs."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.table import show, spread

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it was printed."""

    title: str
    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class Target:
    """What was asked for, what came out in each round, and whether the median reaches it."""

    words: str
    target: str
    values: list[float]
    reached: bool

    @property
    def line(self) -> str:
        shown = spread(self.values, 2 if max(self.values) < 20 else 0)
        return f"{self.words}: {shown}, target {self.target}: {'reached' if self.reached else 'MISSED'}"


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that another program wrote."""

    title: str
    lines: list[str]


@dataclass
class Report:
    """All parts of one run."""

    quick: bool
    words: str
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    order: list[Table | Target | Code | str] = field(default_factory=list)

    def table(self, title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """A table: the first column to the left, the others to the right."""
        show(title, head, rows)
        made = Table(title, list(head), [list(row) for row in rows])
        self.tables.append(made)
        self.order.append(made)

    def least(self, words: str, values: Sequence[float], target: float) -> None:
        """The median should be at least that."""
        self._weigh(Target(words, f">= {target:g}", list(values), median(values) >= target))

    def most(self, words: str, values: Sequence[float], target: float) -> None:
        """The median should be at most that."""
        self._weigh(Target(words, f"<= {target:g}", list(values), median(values) <= target))

    def _weigh(self, target: Target) -> None:
        print(target.line, flush=True)
        self.targets.append(target)
        self.order.append(target)

    def note(self, text: str) -> None:
        """What one must know to read the table above."""
        print(text, flush=True)
        self.notes.append(text)
        self.order.append(text)

    def code(self, title: str, lines: Sequence[str]) -> None:
        """Lines as they are."""
        print(f"{title}:", *lines, sep="\n  ", flush=True)
        made = Code(title, list(lines))
        self.codes.append(made)
        self.order.append(made)

    def summary(self) -> None:
        """All targets once more, those that were missed at the end."""
        title = "Targets"
        print(f"\n{title}\n{'-' * len(title)}")
        for target in sorted(self.targets, key=lambda one: not one.reached):
            print(target.line)

    def keep(self, path: Path) -> None:
        """All of it as JSON."""
        told = {
            "began": self.began.isoformat(timespec="seconds"),
            "command": self.words,
            "quick": self.quick,
            "machine": _machine(),
            "tables": [asdict(table) for table in self.tables],
            "targets": [asdict(target) for target in self.targets],
            "notes": self.notes,
            "plans": [asdict(code) for code in self.codes],
        }
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def write_docs(self, path: Path) -> None:
        """Puts it between the marks of a page. ValueError when the marks are not there."""
        page = path.read_text(encoding="utf-8")
        before, begin, rest = page.partition(BEGIN)
        _, end, after = rest.partition(END)
        if not begin or not end:
            raise ValueError(f"{path} has no {BEGIN} ... {END}")
        path.write_text(f"{before}{BEGIN}\n{self._markdown()}\n{END}{after}", encoding="utf-8")

    def _markdown(self) -> str:
        lines = [f"`{self.words}` on {self.began:%Y-%m-%d}, {_machine()}."]
        previous: object = None
        for one in self.order:
            if not (isinstance(one, Target) and isinstance(previous, Target)):
                lines.append("")
            if isinstance(one, Table):
                lines += [
                    f"**{one.title}**",
                    "",
                    _row(one.head),
                    _row(["---", *["---:"] * (len(one.head) - 1)]),
                ]
                lines += [_row(row) for row in one.rows]
            elif isinstance(one, Target):
                lines.append(f"- {one.line}")
            elif isinstance(one, Code):
                lines += [f"{one.title}:", "", "```text", *one.lines, "```"]
            else:
                lines.append(" ".join(one.split()))
            previous = one
        return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.strip() or ' ' for cell in cells)} |"


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
