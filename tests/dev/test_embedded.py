"""The embedded servers: real ones, with passwords, whose data and passwords outlive a restart."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from engage.dev import place
from engage.dev.embedded import Servers
from engage.dev.errors import DevError


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with Servers.start(tmp_path_factory.mktemp("servers"), fast=True) as started:
        yield started


def test_both_servers_answer(servers: Servers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == (
            "engage",
            "engage",
        )
    assert redis.Redis.from_url(servers.redis_url).ping()


def test_every_way_into_postgresql_asks_for_a_scram_password(servers: Servers) -> None:
    with psycopg.connect(servers.owner_url) as connection:
        rows = connection.execute("SELECT DISTINCT auth_method FROM pg_hba_file_rules").fetchall()
        stored = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'engage'").fetchone()
    assert rows == [("scram-sha-256",)]
    assert stored is not None
    assert stored[0].startswith("SCRAM-SHA-256$")


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_wrong_password_is_refused(servers: Servers, password: str) -> None:
    secret = servers.database_url.split(":")[2].split("@")[0]
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(servers.database_url.replace(secret, password), connect_timeout=5)
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url(
            servers.redis_url.replace(servers.redis_url.split(":")[2].split("@")[0], "x")
        ).ping()


def test_valkey_without_a_password_does_nothing(servers: Servers) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis.from_url("redis://127.0.0.1:" + servers.redis_url.split(":")[-1]).ping()


def test_the_app_is_no_superuser_and_owns_its_database(servers: Servers) -> None:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        assert connection.execute("SHOW is_superuser").fetchone() == ("off",)
        connection.execute("CREATE TABLE own (id int)")
        connection.execute("DROP TABLE own")


def test_servers_listen_on_the_loopback_address_only_and_run_as_no_root(servers: Servers) -> None:
    with psycopg.connect(servers.owner_url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
    assert redis.Redis.from_url(servers.redis_url).config_get("bind") == {"bind": "127.0.0.1"}
    if Path("/proc").is_dir():
        for child in servers.children:
            assert Path(f"/proc/{child.process.pid}").stat().st_uid != 0


def test_no_password_can_be_read_from_the_list_of_processes(servers: Servers) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("needs /proc")
    secrets = [
        servers.database_url.split(":")[2].split("@")[0],
        servers.redis_url.split(":")[2].split("@")[0],
    ]
    for child in servers.children:
        words = Path(f"/proc/{child.process.pid}/cmdline").read_text(encoding="utf-8")
        assert not any(secret in words for secret in secrets)


def test_data_and_passwords_outlive_a_restart_even_after_kill_9(open_dir: Path) -> None:
    with Servers.start(open_dir) as first:
        with psycopg.connect(first.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS seven")
        redis.Redis.from_url(first.redis_url).set("kept", "7")
        for child in first.children:
            child.process.kill()
            child.process.wait()
        assert first.postgres is not None
        # What kill -9 leaves: a pid file whose number by now belongs to somebody else, here to ourselves.
        pid_file = first.postgres.cluster / "postmaster.pid"
        lines = pid_file.read_text(encoding="utf-8").splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n", encoding="utf-8")
    with Servers.start(open_dir) as again:
        assert again.database_url.split("@")[0] == first.database_url.split("@")[0]
        with psycopg.connect(again.database_url) as connection:
            assert connection.execute("SELECT seven FROM kept").fetchone() == (7,)
        assert redis.Redis.from_url(again.redis_url).get("kept") == b"7"
        for name in ("credentials.json", "lock", "logs/postgres.log", "logs/valkey.log"):
            assert (open_dir / name).stat().st_mode & 0o077 == 0


def test_given_addresses_replace_the_servers_one_by_one(tmp_path: Path) -> None:
    with Servers.start(tmp_path, fast=True, database_url="postgresql://elsewhere/engage") as started:
        assert started.database_url == "postgresql://elsewhere/engage"
        assert [child.name for child in started.children] == ["valkey"]
    with Servers.start(
        tmp_path, fast=True, database_url="postgresql://db/e", redis_url="redis://cache/0"
    ) as none:
        assert none.children == ()


def test_one_data_directory_serves_one_at_a_time(tmp_path: Path) -> None:
    def start() -> Servers:
        return Servers.start(tmp_path, database_url="postgresql://db/e", redis_url="redis://cache/0")

    with start(), pytest.raises(DevError, match="already in use by process"):
        start()
    start().stop()


def test_a_data_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x", encoding="utf-8")
    with pytest.raises(DevError, match="data is not a directory: move that file away"):
        Servers.start(tmp_path / "data")


def test_damaged_passwords_are_named_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "credentials.json").write_text("{", encoding="utf-8")
    with pytest.raises(DevError, match=r"credentials.json is damaged.*remove"):
        Servers.start(tmp_path)


def test_a_missing_wheel_is_named_with_the_setting_that_replaces_it() -> None:
    missing = place.Wheel("no-such-package", "no_such_module", (), "x", "DATABASE_URL")
    with pytest.raises(DevError, match=r"no-such-package is not installed.*set DATABASE_URL"):
        place.program(missing, None)


START = """
import sys
from pathlib import Path
from engage.dev.embedded import Servers
from engage.dev.errors import DevError
try:
    Servers.start(Path(sys.argv[1])).stop()
except DevError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("limit", [0, 100_000])
def test_a_full_disk_is_named_and_nothing_half_made_is_left(open_dir: Path, limit: int) -> None:
    """A limit on the size of files stands for the disk: 0 stops our own files, 100 kB stops initdb."""
    data_dir = open_dir / "data"
    started = subprocess.run(
        [sys.executable, "-c", START, str(data_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert started.returncode == 1
    assert "The disk that holds" in started.stderr
    assert "ENGAGE_DATA_DIR" in started.stderr
    assert "Traceback" not in started.stderr
    with Servers.start(data_dir) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_directory_of_somebody_else_is_named(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(DevError, match="can't be used by this account"):
        Servers.start(closed / "data")
