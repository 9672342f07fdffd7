"""The public forms over a real database: nobody learns from them whether an address is known."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from statistics import NormalDist, median
from time import perf_counter

import pytest
from flask.testing import FlaskClient

from engage.runtime import Runtime
from tests.apps import app_of
from tests.world import COURSE, FORM, REQUEST, World

PAIRS = 1000
# What a browser can't tell apart from the noise of a network.
SAME_SECONDS = 0.005
SIGNIFICANT = 0.01
# Chance alone looks significant once in a hundred rounds; three times in a row it does not.
ROUNDS = 3
DICE = random.Random(7)
IP = "192.0.2.7"

Answer = tuple[int, str, bytes]


@pytest.fixture
def world(rt: Runtime) -> World:
    """Unlike its neighbours, this file needs a database."""
    return World(rt)


@pytest.fixture
def site(world: World) -> FlaskClient:
    return app_of(world.rt).test_client()


def send(site: FlaskClient, path: str, form: dict[str, str], ip: str) -> tuple[float, Answer]:
    """How long the answer took, and the answer without the marks that differ from page to page."""
    began = perf_counter()
    answer = site.post(path, data=form, environ_base={"REMOTE_ADDR": ip})
    took = perf_counter() - began
    headers = re.sub(r"sent=[\w-]{48}", "sent=", str(sorted(answer.headers.items())))
    return took, (answer.status_code, headers, re.sub(rb'"[\w-]{24}"', b"", answer.data))


def p_value(xs: list[float], ys: list[float]) -> float:
    """Mann-Whitney, two-sided: how likely such a difference is when both come from one source."""
    ranked = sorted([(x, 0) for x in xs] + [(y, 1) for y in ys])
    rank_sum = sum(rank for rank, (_, which) in enumerate(ranked, 1) if which == 0)
    n, m = len(xs), len(ys)
    mean, spread = n * (n + m + 1) / 2, (n * m * (n + m + 1) / 12) ** 0.5
    return 2 * (1 - NormalDist().cdf(abs(rank_sum - mean) / spread))


def compare(
    site: FlaskClient,
    path: str,
    known: Callable[[int], dict[str, str]],
    unknown: Callable[[int], dict[str, str]],
) -> None:
    """Same answers for all pairs, and times that can't be told apart."""
    chances = []
    for attempt in range(ROUNDS):
        times: tuple[list[float], list[float]] = ([], [])
        answers: set[Answer] = set()
        for n in range(PAIRS):
            pair = [(0, known(n)), (1, unknown(n))]
            DICE.shuffle(pair)
            for which, form in pair:
                took, answer = send(site, path, form, f"198.{18 + attempt}.{n // 250}.{n % 250}")
                times[which].append(took)
                answers.add(answer)
        assert len(answers) == 1
        assert abs(median(times[0]) - median(times[1])) <= SAME_SECONDS
        chances.append(p_value(*times))
        if chances[-1] > SIGNIFICANT:
            return
    raise AssertionError(f"the times differ each time: {chances}")


def test_a_thousand_pairs_of_known_and_unknown_addresses_sign_up_alike(
    site: FlaskClient, world: World
) -> None:
    for n in range(10):
        world.enrol(email=f"known{n}@example.org")

    def form(address: str) -> dict[str, str]:
        return {**FORM, "email": address}

    compare(
        site,
        f"/courses/{COURSE}",
        lambda n: form(f"known{n % 10}@example.org"),
        lambda n: form(f"other{n % 10}@example.org"),
    )


def test_a_thousand_pairs_of_known_and_unknown_addresses_ask_alike(site: FlaskClient, world: World) -> None:
    for n in range(10):
        world.enrol(email=f"known{n}@example.org")
    compare(
        site,
        "/consultation",
        lambda n: {**REQUEST, "email": f"known{n % 10}@example.org"},
        lambda n: {**REQUEST, "email": f"other{n % 10}@example.org"},
    )


def test_the_button_answers_alike_for_every_token(site: FlaskClient, world: World) -> None:
    world.enrol()
    good, honeypot = world.sign_up(email="new@example.org"), world.sign_up(website="x")
    answers = {
        send(site, "/check-inbox", {"sent": token}, "127.0.0.1")[1]
        for token in (good, honeypot, good[:-1] + ("A" if good[-1] != "A" else "B"))
    }
    assert len(answers) == 1


def test_the_page_after_the_sign_up_has_the_button_and_says_that_it_was_pressed(site: FlaskClient) -> None:
    there = site.post(f"/courses/{COURSE}", data=FORM).headers["Location"]
    page = site.get(there).text
    assert "Send it again" in page
    token = re.findall(r'name="sent" value="([^"]+)"', page)[0]
    after = site.post("/check-inbox", data={"sent": token}).headers["Location"]
    assert 'role="status"' in site.get(after).text
    assert "Send it again" not in site.get("/check-inbox").text
    assert "Send it again" not in site.get('/check-inbox?sent="><script>').text
    assert site.post("/check-inbox").status_code == 400


@pytest.mark.parametrize(
    ("path", "form"),
    [(f"/courses/{COURSE}", FORM), ("/consultation", REQUEST)],
    ids=["sign-up", "consultation"],
)
def test_one_form_too_many_is_told_when_to_try_again_and_keeps_the_input(
    site: FlaskClient, path: str, form: dict[str, str]
) -> None:
    for _ in range(10):
        assert send(site, path, form, IP)[1][0] == 303
    answer = site.post(path, data=form, environ_base={"REMOTE_ADDR": IP})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 3600
    assert f'value="{form["email"]}"' in answer.text
    assert 'role="alert"' in answer.text
    assert site.post(path, data=form, environ_base={"REMOTE_ADDR": "192.0.2.9"}).status_code == 303


def test_one_press_too_many_is_told_too(site: FlaskClient, world: World) -> None:
    token = world.sign_up()
    statuses = [send(site, "/check-inbox", {"sent": token}, IP)[1][0] for _ in range(11)]
    assert statuses == [303] * 10 + [429]
