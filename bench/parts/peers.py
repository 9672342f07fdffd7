"""Published packages beside ours, each with a backend that does nothing and with one for SendGrid."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Self

from bench import people
from bench.delivery import Crew, Lessons
from bench.parts.email import warm
from bench.place import PROJECT, BenchError, Place, plain_url
from bench.run import Bench, in_turn
from bench.table import ratios, spread
from tests.fakes.client import Fake

HERE = PROJECT / "bench" / "peers"
LOCK, VENV = HERE / "requirements.lock", HERE / ".venv"
OURS = "ours, over TLS, two processes"
BACKENDS = {"null": "a backend that does nothing", "sendgrid": "SendGrid over TLS (anymail)"}
PACKAGES = {"post_office": "django-post_office, two processes", "mailer": "django-mailer, its one process"}


class Peers:
    """A process in the packages' own environment."""

    def __init__(self, place: Place, vendor: Fake) -> None:
        text = place.directory / "text.json"
        lesson = people.course(place.rt).lessons[0]
        content = place.rt.library.lesson(people.course(place.rt).slug, lesson.slug)
        text.write_text(
            json.dumps({"subject": content.subject, "html": content.html, "text": content.text}),
            encoding="utf-8",
        )
        settings = vendor.environment()
        self._log = place.directory / "peers.log"
        self._process = subprocess.Popen(
            [str(VENV / "bin" / "python"), str(HERE / "deliverer.py")],
            # One of them puts its lock file where it is started.
            cwd=place.directory,
            env={
                **place.env,
                "PEER_DATABASE_URL": plain_url(place.env["DATABASE_URL"]),
                "PEER_SENDGRID_KEY": settings["SENDGRID_API_KEY"],
                "PEER_SENDGRID_URL": settings["SENDGRID_API_URL"],
                "PEER_TEXT": str(text),
                "REQUESTS_CA_BUNDLE": str(vendor.ca_file),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("wb"),
            text=True,
            start_new_session=True,
        )
        if self._answer() != "ready":
            raise BenchError("the packages did not start")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def measure(self, package: str, backend: str, count: int) -> float:
        """Messages a second of delivery alone."""
        assert self._process.stdin
        print(package, backend, count, file=self._process.stdin, flush=True)
        return count / float(self._answer())

    def _answer(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline().strip()
        if not line:
            said = self._log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise BenchError(
                f"the packages ended by themselves (exit code {self._process.wait(20)}):\n{said}"
            )
        return line


def run(bench: Bench) -> None:
    """Makes the environment when it is not there, then measures."""
    install()
    count, rounds = bench.options.size(4_000, 10_000), bench.options.rounds
    # Whole batches of 100 for the one; the other takes longer for each.
    theirs = {"post_office": bench.options.size(100, 800), "mailer": bench.options.size(60, 300)}
    with bench.sending() as (place, vendor), bench.sending() as (other, beside):
        lessons = Lessons(place, count)
        with Crew(place, 2) as crew, Peers(other, beside) as peers:
            warm(lessons, crew, vendor, count)
            lessons.by_processes(crew)
            ways = {OURS: lambda: lessons.by_processes(crew)}
            for package, words in PACKAGES.items():
                for backend, what in BACKENDS.items():
                    peers.measure(package, backend, 20)
                    ways[f"{words}: {what}"] = lambda p=package, b=backend: peers.measure(p, b, theirs[p])  # type: ignore[misc]
            speeds = in_turn(rounds, ways)
            taken = beside.counts()["accepted"].get("sendgrid", 0)
            if taken != sum(20 + rounds * each for each in theirs.values()):
                raise BenchError(f"the vendor took {taken} messages from the packages")
    bench.report.table(
        f"Published packages, {theirs['post_office']} and {theirs['mailer']} messages a round (ours {count:,}), rounds: {rounds}",
        ("median (least-most)", "messages/s", "ours/this"),
        [
            (way, spread(of), "" if way == OURS else spread(ratios(speeds[OURS], of)))
            for way, of in speeds.items()
        ],
    )
    bench.report.note(
        "Not the same work: ours weighs consent, suppression and hours, opens and seals rows, keeps leases and plans\n"
        "the next lesson, and puts 250 people into one request. The packages deliver what was rendered and put in\n"
        "their queues before the clock ran (ours renders while it runs), send one email a request, write a log row\n"
        f"for each, and keep their defaults: {_versions()}. They run one after the other,\n"
        "with the same text, database server and vendor."
    )


def install() -> None:
    """Makes ``bench/peers/.venv`` from the lock, by pip as it is configured here."""
    wanted = sha256(LOCK.read_bytes()).hexdigest()
    done = VENV / "installed"
    if done.exists() and done.read_text(encoding="ascii") == wanted:
        return
    print("Installing the packages to compare with into bench/peers/.venv ...", flush=True)
    pip = (str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet")
    for words in (
        (sys.executable, "-m", "venv", "--clear", str(VENV)),
        (*pip, "install", "--require-hashes", "-r", str(LOCK)),
    ):
        made = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, timeout=600, check=False)
        if made.returncode:
            raise BenchError(f"they can't be installed: {(made.stderr or made.stdout).strip()[-600:]}")
    done.write_text(wanted, encoding="ascii")


def _versions() -> str:
    names = ("django-post-office", "django-mailer", "django-anymail", "django")
    lines = [line.split(" ")[0] for line in Path(LOCK).read_text(encoding="utf-8").splitlines()]
    return ", ".join(
        line.replace("==", " ") for name in names for line in lines if line.startswith(f"{name}==")
    )
