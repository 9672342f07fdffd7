"""What can be wrong with a template or a course, always with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend. ``path`` is relative to the templates' folder, ``line`` counts from 1 (0: the
    whole file), ``code`` is a short stable name, ``message`` says what is wrong and what to do."""

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message} [{self.code}]"


class RenderError(Exception):
    """A template that can't be rendered. ``path`` and ``line`` name the place, when known."""

    def __init__(self, message: str, path: str = "", line: int = 0, code: str = "render") -> None:
        self.message, self.path, self.line, self.code = message, path, line, code
        place = f"{path}:{line}: " if line else f"{path}: " if path else ""
        super().__init__(place + message)

    def as_problem(self) -> Problem:
        """The same, to be listed with others."""
        return Problem(self.path, self.line, self.code, self.message)


class ContentErrors(Exception):
    """Courses or templates that can't be used; ``problems`` lists every one, the message too."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def place(root: Path, path: Path) -> str:
    """``path`` below ``root``, for people to read."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
