"""Finding what runs: only what truly runs is found."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from engage.dev import identity, running
from engage.dev.running import Running


def ours(data_dir: Path) -> Running:
    return Running(
        pid=os.getpid(),
        database_url="postgresql://engage:secret@127.0.0.1:5555/engage",
        redis_url="redis://:secret@127.0.0.1:6666/0",
        base_url="http://127.0.0.1:8000",
        data_dir=str(data_dir),
        started_at="2026-11-23T10:00:00+00:00",
        born=identity.of(os.getpid()) or "",
    )


def test_what_runs_is_found(tmp_path: Path) -> None:
    running.write(ours(tmp_path))
    assert running.find(tmp_path) == ours(tmp_path)
    running.clear(tmp_path)
    assert running.find(tmp_path) is None


def test_a_number_used_again_by_another_process_is_not_taken_for_it(tmp_path: Path) -> None:
    running.write(replace(ours(tmp_path), born="another life"))
    assert running.find(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", json.dumps({"pid": 1})])
def test_a_damaged_file_is_no_run(tmp_path: Path, text: str) -> None:
    (tmp_path / running.NAME).write_text(text, encoding="utf-8")
    assert running.find(tmp_path) is None


def test_without_a_data_directory_nothing_runs(tmp_path: Path) -> None:
    assert running.find(tmp_path / "none") is None
