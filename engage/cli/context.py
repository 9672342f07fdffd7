"""What every command shares: settings, the runtime, and how a failure is told."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar
from uuid import UUID

import click
import orjson
from sqlalchemy.exc import OperationalError, ProgrammingError

from engage import log
from engage.clinic import ClinicError
from engage.content.problems import ContentErrors
from engage.dev import running
from engage.dev.errors import DevError
from engage.runtime import Runtime, build
from engage.settings import Settings, SettingsError, load

P = ParamSpec("P")
T = TypeVar("T")

NOT_RUNNING = (
    "Engage is not running here: start it with `make run` in another terminal, "
    "or set DATABASE_URL (and REDIS_URL) to servers of your own."
)


def fail(sentence: str) -> NoReturn:
    """Ends the command: the sentence on standard error, exit code 1."""
    click.echo(sentence, err=True)
    raise SystemExit(1)


def told(command: Callable[P, T]) -> Callable[P, T]:
    """Turns what can go wrong in every command into one sentence and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except (SettingsError, ClinicError, ContentErrors, DevError) as error:
            fail(str(error))
        except OperationalError as error:
            fail(f"The database can't be reached ({type(error.orig).__name__}). {NOT_RUNNING}")
        except ProgrammingError:
            fail("The database is not at the schema that this code needs: run `engage db upgrade`.")

    return run


def settings() -> Settings:
    """Settings from the environment; in development the running servers fill what is not set."""
    found = load(os.environ)
    if found.development and not found.database_url:
        here = running.find(found.data_dir)
        if here is None:
            fail(NOT_RUNNING)
        found = found.model_copy(
            update={
                "database_url": here.database_url,
                "redis_url": found.redis_url or here.redis_url,
                "base_url": found.base_url or here.base_url,
            }
        )
    return found


def runtime() -> Runtime:
    """The runtime for one command."""
    found = settings()
    log.configure(development=found.development, level="error")
    return build(found, pool_size=2)


def print_json(value: Any) -> None:
    """``value`` on standard output, times as RFC 3339."""
    click.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z, default=str).decode())


FARTHEST = timedelta(days=3660)
_PART = re.compile(r"(\d+)\s*(weeks?|w|days?|d|hours?|h|minutes?|min|m|seconds?|s)", re.IGNORECASE)
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


class Distance(click.ParamType[timedelta]):
    """A span of time such as ``3d``, ``12h`` or ``1d12h``."""

    name = "distance"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        text = str(value).strip()
        parts = _PART.findall(text)
        if not parts or _PART.sub("", text).strip():
            self.fail(f"{text!r} is no span of time; use 3d, 12h, 90m or 1d12h", param, ctx)
        try:
            distance = timedelta(**_summed(parts))
        except OverflowError:
            distance = timedelta.max
        if distance > FARTHEST:
            self.fail(f"{text!r} is too far: at most {FARTHEST.days} days", param, ctx)
        return distance


def _summed(parts: list[tuple[str, str]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for number, unit in parts:
        name = _UNITS[unit[0].lower()]
        total[name] = total.get(name, 0) + int(number)
    return total


class Moment(click.ParamType[datetime]):
    """An instant in RFC 3339, such as ``2026-11-24T14:00:00Z``; a bare date is its midnight in UTC."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment; use 2026-11-24T14:00:00Z", param, ctx)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


class MessageId(click.ParamType[UUID]):
    """A row's id."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> UUID:
        try:
            return UUID(str(value).strip())
        except ValueError:
            self.fail(f"{value!r} is no id; ids are printed by the list commands", param, ctx)
