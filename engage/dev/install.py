"""Makes ``.venv`` from ``requirements.lock``; run by make as a script, with any Python 3.11+.

Does nothing when the last run finished and neither the lock nor pyproject.toml changed since. A run that was
interrupted is repaired by the next. Uses the standard library and what the lock holds, nothing else.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
VENV = PROJECT / ".venv"
PYTHON = VENV / "bin" / "python"
DONE = VENV / "installed"
BEGUN = VENV / "installing"
LOG = VENV / "install.log"
COMMAND = """\
#!/bin/sh
'''exec' "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/python" "$0" "$@"
' '''
import sys

from engage.cli.main import main

sys.exit(main())
"""


class InstallError(Exception):
    """One sentence for a person."""


def main() -> int:
    """0 when ``.venv`` is ready; 1 after one sentence that says why not."""
    try:
        if sys.argv[1:] == ["--check"]:
            return 0 if _done(_wanted()) else 1
        lock = _lock()
        if not (_done(_wanted()) and _python_runs()):
            _install(_wanted())
        os.close(lock)
    except InstallError as error:
        print(f"make: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"make: {error.filename or VENV}: {error.strerror}; see to that and run make again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("make: interrupted; the next run starts over.", file=sys.stderr)
        return 1
    return 0


def _lock() -> int:
    """Lets one installation run at a time in one clone."""
    directory = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another make is installing; waiting for it.", file=sys.stderr)
        fcntl.flock(directory, fcntl.LOCK_EX)
    return directory


def _wanted() -> str:
    """What the stamp must say."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


def _done(wanted: str) -> bool:
    try:
        if DONE.read_text(encoding="ascii").strip() != wanted:
            return False
    except (OSError, ValueError):
        return False
    # The Python that .venv stands on may have been removed or upgraded since.
    return PYTHON.exists() and not BEGUN.exists()


def _install(wanted: str) -> None:
    begun = time.monotonic()
    if BEGUN.exists() or not _python_runs():
        shutil.rmtree(VENV, ignore_errors=True)
    if not VENV.exists():
        _make_venv()
    DONE.unlink(missing_ok=True)
    BEGUN.touch()
    count = sum(1 for line in (PROJECT / "requirements.lock").open(encoding="utf-8") if line[:1].isalnum())
    print(
        f"Installing {count} packages into .venv (half a minute or so, the first time only) ...", flush=True
    )
    _pip()
    _run([str(PYTHON), "-m", "compileall", "-q", "-j", "0", str(_site())], "compiling", must=False)
    # A path that is relative to site-packages: the clone may be moved, and no build tool is needed.
    (_site() / "engage.pth").write_text(os.path.relpath(PROJECT, _site()) + "\n", encoding="utf-8")
    command = VENV / "bin" / "engage"
    command.write_text(COMMAND, encoding="utf-8")
    command.chmod(0o755)
    DONE.write_text(wanted + "\n", encoding="ascii")
    BEGUN.unlink()
    print(f"Installed in {time.monotonic() - begun:.0f} s.", flush=True)


def _python_runs() -> bool:
    if not VENV.exists():
        return True
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    with suppress(OSError):
        return subprocess.run([str(PYTHON), "-c", test], capture_output=True, check=False).returncode == 0
    return False


def _make_venv() -> None:
    try:
        import ensurepip  # noqa: F401 -- Debian leaves it out of python3
        import venv
    except ImportError:
        raise InstallError(
            f"python3-venv is missing for {sys.executable}: apt-get install python3-venv, "
            "or use another Python 3.11+ that has venv."
        ) from None
    try:
        VENV.mkdir()
        BEGUN.touch()
        venv.create(VENV, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise InstallError(f"pip couldn't be put into {VENV}: {_cause(_text(error.output))}") from None
    except BaseException:
        shutil.rmtree(VENV, ignore_errors=True)
        raise


def _pip() -> None:
    words = "--quiet --disable-pip-version-check --no-input --no-compile"
    locked = "--no-deps --only-binary :all: --require-hashes"
    _run(
        [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            *words.split(),
            *locked.split(),
            "-r",
            str(PROJECT / "requirements.lock"),
        ],
        "pip",
    )


def _run(argv: list[str], what: str, *, must: bool = True) -> None:
    env = {
        k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET"}
    }
    env["PIP_ROOT_USER_ACTION"] = "ignore"
    with LOG.open("w", encoding="utf-8") as log:
        done = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=env, check=False
        )
    if must and done.returncode != 0:
        cause = _cause(LOG.read_text(encoding="utf-8", errors="replace"))
        raise InstallError(f"{what} failed: {cause} (all of it is in {LOG}); run make again afterwards.")


def _cause(log: str) -> str:
    if "No space left" in log or "Disk quota" in log:
        return f"the disk that holds {VENV} is full: free some space"
    if "Connection" in log or "Temporary failure in name resolution" in log or "Could not fetch URL" in log:
        return "the package index can't be reached: check the network"
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return ([line for line in lines if line.startswith("ERROR")] or lines or ["it said nothing"])[0]


def _text(output: bytes | str | None) -> str:
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else output or ""


def _site() -> Path:
    return next((VENV / "lib").glob("python3*/site-packages"))


if __name__ == "__main__":
    sys.exit(main())
