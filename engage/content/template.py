"""One author's file as a Jinja template: checked as a whole first, then rendered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import Any, Final

from jinja2 import Environment, StrictUndefined, Template, TemplateSyntaxError, UndefinedError, meta, nodes

from engage.content.course_file import nearest
from engage.content.merge import MARK, MergeTag
from engage.content.problems import Problem, RenderError

_MARKDOWN_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>])")


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says. ``path`` is relative to the templates' folder and named in every error."""

    path: str
    text: str
    markdown: bool = False


def literal(text: str) -> str:
    """``text`` for Markdown to show as it is: a clinic or course name with a star in it must not turn into emphasis."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", text)


class Ready(str):
    """Text that is Markdown already and goes into Markdown as it is."""

    __slots__ = ()


def check(source: Source, values: Mapping[str, Any]) -> list[Problem]:
    """What is wrong in ``source`` when these ``values`` are all there is: every unknown variable, every
    personal value that is more than printed, literal marks, bad syntax."""
    problems = [
        Problem(source.path, number, "literal-mark", f"{found[0]} is a mark of ours; write it in other words")
        for number, line in enumerate(source.text.splitlines(), 1)
        if (found := MARK.search(line))
    ]
    environment = _environment(source.markdown)
    try:
        tree = environment.parse(source.text, filename=source.path)
        undeclared = meta.find_undeclared_variables(tree)
    except TemplateSyntaxError as error:
        return [
            *problems,
            Problem(source.path, error.lineno, "syntax", error.message or "bad template syntax"),
        ]
    for node, parent in _walk(tree, None):
        message = _fault(node, parent, undeclared, values)
        if message:
            problems.append(Problem(source.path, node.lineno, *message))
    return problems


def render(source: Source, values: Mapping[str, Any]) -> str:
    """The text of ``source`` with its marks in. Raises RenderError with file and line."""
    environment = _environment(source.markdown)
    try:
        code = environment.compile(source.text, name=source.path, filename=source.path)
        return Template.from_code(environment, code, environment.globals).render(values)
    except TemplateSyntaxError as error:
        message = error.message or "bad template syntax"
        raise RenderError(message, source.path, error.lineno, "syntax") from None
    except RenderError as error:
        raise RenderError(error.message, source.path, _line(error, source.path), error.code) from None
    except UndefinedError as error:
        line = _line(error, source.path)
        raise RenderError(
            error.message or "unknown variable", source.path, line, "unknown-variable"
        ) from None
    except Exception as error:
        # A filter given the wrong kind of value can raise anything.
        raise RenderError(
            f"{type(error).__name__}: {error}", source.path, _line(error, source.path)
        ) from error


def _fault(
    node: nodes.Node, parent: nodes.Node | None, undeclared: set[str], values: Mapping[str, Any]
) -> tuple[str, str] | None:
    if isinstance(node, nodes.Include | nodes.Import | nodes.FromImport | nodes.Extends):
        return "syntax", "a letter can't include or extend another file"
    if isinstance(node, nodes.Name) and node.ctx == "load":
        if node.name in undeclared and node.name not in values:
            return "unknown-variable", f"unknown variable {node.name}{nearest(node.name, values)}"
        if type(values.get(node.name)) is MergeTag and not isinstance(parent, nodes.Output):
            return "merge-tag", (
                f"{node.name} is a personal value: it may only be printed, as {{{{ {node.name} }}}}; "
                "no filter, no test, no joining"
            )
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        group = values.get(node.node.name)
        known = _attributes(group)
        if known and node.attr not in known:
            name = f"{node.node.name}.{node.attr}"
            return "unknown-variable", f"unknown variable {name}{nearest(node.attr, known)}"
    return None


def _attributes(group: object) -> frozenset[str]:
    if is_dataclass(group):
        return frozenset(field.name for field in fields(group))
    return frozenset(group) if isinstance(group, dict) else frozenset()


def _walk(node: nodes.Node, parent: nodes.Node | None) -> Iterator[tuple[nodes.Node, nodes.Node | None]]:
    yield node, parent
    for child in node.iter_child_nodes():
        yield from _walk(child, node)


@lru_cache(maxsize=2)
def _environment(markdown: bool) -> Environment:
    # What comes out is Markdown, which escapes when it is turned into HTML, or plain text.
    environment = Environment(
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        finalize=_for_markdown if markdown else _as_is,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
    )
    environment.globals.clear()
    return environment


def _as_is(value: Any) -> Any:
    return value.mark() if type(value) is MergeTag else value


def _for_markdown(value: Any) -> Any:
    if type(value) is MergeTag:
        return value.mark()
    if isinstance(value, str) and not isinstance(value, Ready):
        return literal(value)
    return value


def _line(error: BaseException, path: str) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
