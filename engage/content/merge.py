"""Personal values in a text that is the same for everyone.

A template prints a ``MergeTag`` as the mark ``-mt-name-``, plain ASCII that Markdown, CSS inlining and
addresses leave alone. A ``Plan`` cuts a rendered text at its marks once; filling it is a join.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any, Final, Never

from engage.content.problems import RenderError

NAMES: Final = frozenset(
    {
        "given_name",
        "lesson_url",
        "unsubscribe_url",
        "confirm_url",
        "not_me_url",
        "not_my_address_url",
        "staff_url",
        "code",
        "names",
        "number_url",
        "preferences_url",
        "address_url",
        "my_data_url",
        "visit_when",
        "visit_short",
        "visit_was",
        "visit_place",
        "visit_where",
        "visit_telephone",
        "visit_url",
        "visit_choices",
        "check_in_url",
    }
)
"""Every personal value that a template may print."""

URL_NAMES: Final = frozenset(name for name in NAMES if name.endswith("_url"))

MARK: Final = re.compile(r"-mt-([a-z][a-z0-9_]*)-")


def mark(name: str) -> str:
    """How ``name`` stands in a rendered text."""
    return f"-mt-{name}-"


class MergeTag:
    """A personal value as a template sees it: it can be printed and nothing else.

    Anything that would look at the value (a test, a filter, a comparison, a concatenation) raises
    RenderError, since the text is rendered once for everyone.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def mark(self) -> str:
        """What is printed in its place."""
        return mark(object.__getattribute__(self, "_name"))

    def _refuse(self, *_: object) -> Never:
        name = object.__getattribute__(self, "_name")
        raise RenderError(
            f"{name} is a personal value: it may only be printed, as {{{{ {name} }}}}; no filter, no test, "
            "no joining",
            code="merge-tag",
        )

    def __getattribute__(self, attribute: str) -> Any:
        if attribute in _OWN:
            return object.__getattribute__(self, attribute)
        return object.__getattribute__(self, "_refuse")()

    def __repr__(self) -> str:
        return f"MergeTag({object.__getattribute__(self, '_name')!r})"

    __hash__ = None  # type: ignore[assignment]
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = _refuse
    __str__ = __format__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __mul__ = __rmul__ = __mod__ = __rmod__ = __call__ = __int__ = __float__ = _refuse


# `__class__` is what isinstance asks; Python itself finds the operators on the type, not through here.
_OWN: Final = frozenset({"mark", "__class__"})


class MissingValue(LookupError):
    """A text was to be filled without one of its values; ``name`` says which. No value is shown."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"no value for {name}")


@dataclass(frozen=True, slots=True)
class Plan:
    """A text cut at its marks: ``parts`` alternate literal, name, literal, name, ..., literal."""

    parts: tuple[str, ...]
    names: frozenset[str]

    def fill(self, values: Mapping[str, str]) -> str:
        """The text with each mark replaced once: a value that looks like a mark stays as it is.
        Raises MissingValue."""
        filled = list(self.parts)
        try:
            filled[1::2] = [values[name] for name in self.parts[1::2]]
        except KeyError as error:
            raise MissingValue(str(error.args[0])) from None
        return "".join(filled)


def compile_plan(text: str) -> Plan:
    """Cuts ``text`` at its marks; done once per content."""
    parts = tuple(MARK.split(text))
    return Plan(parts, frozenset(parts[1::2]))


# A provider that substitutes by itself gets the same few texts again and again, each time with fresh marks.
_cut = lru_cache(maxsize=256)(compile_plan)


def escape_values(values: Mapping[str, str]) -> dict[str, str]:
    """The values as HTML needs them, in text and in attributes; done once per message."""
    return {name: escape(value, quote=True) for name, value in values.items()}


def missing(names: Iterable[str], values: Mapping[str, str]) -> list[str]:
    """The ``names``, sorted, that have no value or an empty one; a message with any is held."""
    return sorted(name for name in names if not values.get(name, "").strip())


@dataclass(frozen=True, slots=True)
class Marked:
    """One content for a provider that substitutes by itself. ``plain`` and ``escaped`` give the mark of
    each name: plain in subject and text, escaped in HTML. Ask ``substitutions`` for one person's values."""

    subject: str
    html: str
    text: str
    plain: Mapping[str, str]
    escaped: Mapping[str, str]

    def substitutions(self, values: Mapping[str, str]) -> dict[str, str]:
        """Mark to value for one recipient. Raises MissingValue."""
        return dict(self._pairs(values))

    def _pairs(self, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        try:
            for name, plain in self.plain.items():
                yield plain, values[name]
            for name, escaped in self.escaped.items():
                yield escaped, escape(values[name], quote=True)
        except KeyError as error:
            raise MissingValue(str(error.args[0])) from None


def mark_up(subject: str, html: str, text: str, random_mark: str) -> Marked:
    """The three texts with ``-mt-name-`` replaced by marks that hold ``random_mark`` (letters and digits,
    drawn after the values were made), so that no value can contain one. No mark is a part of another."""
    if not random_mark.isalnum() or not random_mark.isascii():
        raise ValueError("the random mark must be ASCII letters and digits")
    subject_plan, html_plan, text_plan = _cut(subject), _cut(html), _cut(text)
    plain = {name: f"-{random_mark}p-{name}-" for name in sorted(subject_plan.names | text_plan.names)}
    escaped = {name: f"-{random_mark}h-{name}-" for name in sorted(html_plan.names)}
    return Marked(
        subject=subject_plan.fill(plain),
        html=html_plan.fill(escaped),
        text=text_plan.fill(plain),
        plain=plain,
        escaped=escaped,
    )
