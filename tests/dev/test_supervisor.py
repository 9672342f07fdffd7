"""``make run``: what it says, what it leaves behind and how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import time
from pathlib import Path

import psycopg
import pytest

from engage.dev import ports, running, supervisor
from tests.dev.supervised import gone, supervised


def children(data_dir: Path) -> dict[str, int]:
    noted = json.loads((data_dir / "children.json").read_text(encoding="utf-8"))
    return {entry[0]: entry[1] for entry in noted}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_with_exit_code_0_and_no_trace(
    tmp_path: Path, number: signal.Signals
) -> None:
    data_dir = tmp_path / "data"
    with supervised(data_dir) as run:
        found = run.wait_ready()
        pids = list(children(data_dir).values())
        run.wait_said("worker | worker waits")
        begun = time.monotonic()
        assert run.end(number) == 0
        assert time.monotonic() - begun < 5
        assert gone([found.pid, *pids], 0.5)
        assert "Traceback" not in run.said() + run.complained()
        assert not (data_dir / running.NAME).exists()


def test_another_terminal_finds_it_through_a_file_for_its_owner_only(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with supervised(data_dir) as run:
        found = run.wait_ready()
        assert found.base_url == f"http://127.0.0.1:{run.port}"
        assert found.pid == run.process.pid
        assert stat.S_IMODE((data_dir / running.NAME).stat().st_mode) == 0o600
        assert run.end() == 0
    assert running.find(data_dir) is None


def test_a_file_left_by_a_killed_run_is_ignored_and_the_next_run_starts(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with supervised(data_dir) as run:
        run.wait_ready()
        port, pids = run.port, list(children(data_dir).values())
        run.process.kill()
        run.process.wait()
        assert (data_dir / running.NAME).exists()
        assert running.find(data_dir) is None
        # At once and on the same port: what was left has to go first.
        with supervised(data_dir, port=port, name="again") as again:
            again.wait_ready()
            assert gone(pids, 0.5)
            assert again.end() == 0


def test_a_second_run_of_one_data_directory_is_refused_in_one_sentence(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with supervised(data_dir) as run:
        run.wait_ready()
        with supervised(data_dir, name="second") as second:
            assert second.process.wait(10) == 1
            assert second.complained().count("\n") == 1
            assert f"already in use by process {run.process.pid}" in second.complained()
        assert run.process.poll() is None


def test_a_run_that_is_just_ending_is_waited_for(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    with supervised(data_dir, stubborn) as run:
        run.wait_ready()
        run.process.terminate()
        with supervised(data_dir, port=run.port, name="next") as following:
            following.wait_ready()
            # It lets go of the data a moment before it is gone.
            assert run.process.wait(2) == 0
            assert following.end() == 0


def test_a_taken_port_is_named_with_its_setting(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with supervised(tmp_path / "data", port=port) as run:
            assert run.process.wait(10) == 1
            assert run.complained().startswith(f"engage: Port {port} is taken by another program")
            assert "set PORT" in run.complained()


def test_a_process_that_ends_takes_the_rest_down_and_is_named_with_its_log(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    worker = "import time; time.sleep(0.8); print('ValueError: no such queue'); raise SystemExit(3)"
    with supervised(data_dir, worker) as run:
        assert run.process.wait(20) == 1
        assert "worker ended by itself (exit code 3)" in run.complained()
        assert str(data_dir / "logs" / "worker.log") in run.complained()
        assert "no such queue" in run.complained()
        assert run.complained().count("\n") == 1
        ports.check_free(run.port, wait_seconds=2)


def test_a_killed_process_takes_what_it_had_started_along(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    worker = (
        "import subprocess, sys, time; wait = 'import time; time.sleep(600)'\n"
        "p = subprocess.Popen([sys.executable, '-c', wait]); print('grandchild', p.pid, flush=True)\n"
        "time.sleep(600)"
    )
    with supervised(data_dir, worker) as run:
        run.wait_ready()
        grandchild = int(run.wait_said("grandchild ").split("grandchild ")[1].split()[0])
        os.kill(children(data_dir)["worker"], signal.SIGKILL)
        assert run.process.wait(15) == 1
        assert "worker ended by itself (killed by SIGKILL)" in run.complained()
        assert gone([grandchild], 1)


def test_a_failed_migration_is_named_and_nothing_else_is_started(tmp_path: Path) -> None:
    first = "print('before'); raise SystemExit('LockError: the schema is held by another')"
    with supervised(tmp_path / "data", "", first) as run:
        assert run.process.wait(10) == 1
        assert "migrate failed (exit code 1): LockError: the schema is held" in run.complained()
        assert "worker waits" not in run.said()


def test_what_is_not_ready_in_time_is_named_with_its_answer(tmp_path: Path) -> None:
    with supervised(tmp_path / "data", "", "", "1", "/readyz") as run:
        assert run.process.wait(15) == 1
        assert "Not ready after 1 s: /readyz answers 503: beat is not heard" in run.complained()


def test_with_embedded_servers_data_outlives_a_kill_of_the_whole_run(open_dir: Path) -> None:
    data_dir = open_dir / "data"
    with supervised(data_dir, embedded=True) as run:
        found = run.wait_ready()
        with psycopg.connect(found.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        pids = list(children(data_dir).values())
        assert len(pids) == 4
        run.process.kill()
        run.process.wait()
        assert gone(pids), "the servers must end with the run that started them"
        begun = time.monotonic()
        with supervised(data_dir, embedded=True, name="again") as again:
            found = again.wait_ready()
            assert time.monotonic() - begun < 5
            with psycopg.connect(found.database_url) as connection:
                assert connection.execute("SELECT one FROM kept").fetchone() == (1,)
            assert again.end() == 0


def test_production_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = "k1:" + "A" * 43 + "="
    environ = {
        "ENGAGE_ENV": "production",
        "DATABASE_URL": "postgresql://db/engage",
        "REDIS_URL": "redis://cache/0",
        "ENGAGE_BASE_URL": "https://engage.example.org",
        "ENGAGE_SECRET_KEY": "x" * 64,
        "ENGAGE_DATA_KEYS": key,
        "ENGAGE_INDEX_KEY": key,
        "ENGAGE_DATA_DIR": str(tmp_path),
    }
    assert supervisor.run(environ) == 1
    assert "ENGAGE_ENV is production" in capsys.readouterr().err
