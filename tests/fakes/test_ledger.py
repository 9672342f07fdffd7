"""The ledger says what people received, survives everything, and counts what came twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes import ledger, log
from tests.fakes.client import PROJECT, Fake
from tests.fakes.mails import mail, person, post


def test_substitutions_reach_subject_text_and_html_but_no_header(fake: Fake) -> None:
    values = {"-n-": "Ana", "-n-2-": "-n-", "(x)": "a\\1b"}
    post(
        fake,
        mail(
            person("Ana@Example.com", substitutions=values, headers={"List-Unsubscribe": "<https://x/-n->"}),
            subject="-n- (x)",
            content=[
                {"type": "text/plain", "value": "-n-2- and -n-"},
                {"type": "text/html", "value": "<b>(x)</b>"},
            ],
        ),
    )
    (received,) = fake.ledger()
    assert received.to == "ana@example.com"
    assert (received.subject, received.text, received.html) == ("Ana a\\1b", "-n- and Ana", "<b>a\\1b</b>")
    assert received.headers["List-Unsubscribe"] == "<https://x/-n->"
    assert received.headers["From"] == "The Clinic <care@clinic.example>"


def test_what_came_twice_is_counted_by_mark_person_and_words(fake: Fake) -> None:
    for mark in ("a-0", "a-0", "b-0"):
        post(fake, mail(person("ana@example.com", mark)))
    post(fake, mail(person("bo@example.com", "c-0")))
    received = fake.ledger()
    assert ledger.by_mark(received) == {"a-0": 2, "b-0": 1, "c-0": 1}
    assert {who: len(what) for who, what in ledger.by_person(received).items()} == {
        "ana@example.com": 3,
        "bo@example.com": 1,
    }
    assert ledger.by_content(received)["email", "ana@example.com", "Lesson one"] == 3


def test_a_half_written_end_is_left_out(fake: Fake, tmp_path: Path) -> None:
    for number in range(3):
        post(fake, mail(person(f"p{number}@example.com")))
    whole = (fake.directory / log.FILE).read_bytes()
    for cut in (1, 100, len(whole) // 3 - 1):
        (tmp_path / log.FILE).write_bytes(whole[:-cut])
        assert [r.to for r in ledger.read(tmp_path)] == ["p0@example.com", "p1@example.com"]


def test_a_process_of_its_own_keeps_its_ledger_keys_and_address(tmp_path: Path) -> None:
    fake = Fake(tmp_path / "fake", tls=True, process=True)
    with fake:
        assert post(fake, mail(person("ana@example.com")))[0] == 202
        first = fake.about
        assert fake.child is not None
        os.kill(fake.child.pid, signal.SIGKILL)
        fake.child.wait()
    assert [r.to for r in fake.ledger()] == ["ana@example.com"]
    with (fake.directory / log.FILE).open("ab") as file:
        file.write(b'[1.0,"sendgrid",true,202,"half of a rec')
    with fake:
        assert fake.about == first
        post(fake, mail(person("bo@example.com")))
    assert [r.to for r in fake.ledger()] == ["ana@example.com", "bo@example.com"]


def test_the_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from tests.fakes.client import Fake\n"
        "fake = Fake(pathlib.Path(sys.argv[1]), process=True).start()\n"
        "print(fake.child.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        check=False,
        timeout=30,
    )
    pid = int(done.stdout)
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    if Path("/proc").exists():
        assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("order", "why"),
    [
        ({"modes": {"fax": {}}}, "no route"),
        ({"settings": {"twilio": {"colour": 1}}}, "no setting"),
        ({"settings": {"sendgrid": {"fate": "lucky"}}}, "no story"),
        ({"door": "ajar"}, "ajar"),
        ({"dance": 1}, "no order"),
    ],
)
def test_an_order_that_there_is_not_is_refused(fake: Fake, order: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        fake.order(**order)
