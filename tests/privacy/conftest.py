"""A journey with planted values on a product that tells all it can."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from sqlalchemy import make_url

from engage.dev.embedded import Servers
from tests.privacy.canaries import Canaries
from tests.privacy.wiretap import Wiretap
from tests.processes import stack as stacks
from tests.processes.stack import Stack, admin
from tests.processes.visitor import COURSE, FORM, Visitor

AGENT = "Tintenfass/7.31 (Querulant)"
AWAY = "198.51.100.73"
# One name in plain letters, and one that gets escaped wherever something can be.
ADA = {"given_name": "Quillanthe", "email": "quillanthe.7391@example.org", "main_pain": "tendon-joint"}
ZOE = {"given_name": "Žofýnka 🦜 صوفيا", "email": "papagei-4482@example.com", "main_pain": ""}
TYPO = {"given_name": "Wrexborough", "email": "wrexborough.5518 at example.org"}
CANARIES = Canaries(
    {
        "the name": ADA["given_name"],
        "the escaped name": ZOE["given_name"],
        "the refused name": TYPO["given_name"],
        "the address": ADA["email"],
        "the other address": ZOE["email"],
        "the refused address": TYPO["email"],
        "the main pain": ADA["main_pain"],
        "the browser": AGENT,
        "the IP address": AWAY,
    }
)


@dataclass
class Journey:
    """What is left when the planted people have walked the road, and everything has failed them once."""

    servers: Servers
    stack: Stack
    visitor: Visitor
    wiretap: Wiretap
    failures: dict[str, int]


@pytest.fixture(scope="package")
def journey(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Every process writes debug lines, and PostgreSQL every statement with its parameters."""
    env = {"ENGAGE_LOG_LEVEL": "debug", "ENGAGE_TRUSTED_PROXIES": "1"}
    with stacks.stack(tmp_path_factory.mktemp("privacy"), servers, env=env, loud=True) as stack:
        _tell_every_statement(servers, stack)
        wiretap = Wiretap(stack.env["REDIS_URL"])
        wiretap.start()
        stack.start()
        stack.wait_ready()
        visitor = stack.visitor(User_Agent=AGENT, X_Forwarded_For=AWAY)
        _walk(stack, visitor)
        failures = _fail(stack, visitor)
        wiretap.stop()
        yield Journey(servers, stack, visitor, wiretap, failures)


def _tell_every_statement(servers: Servers, stack: Stack) -> None:
    if not servers.owner_url:
        return  # A server that was given keeps its own settings and its own log.
    name = make_url(stack.env["DATABASE_URL"]).database
    for setting in (
        "log_statement = 'all'",
        "log_min_error_statement = 'error'",
        "log_error_verbosity = 'verbose'",
        "log_parameter_max_length = -1",
        "log_parameter_max_length_on_error = -1",
    ):
        admin(servers, f"ALTER DATABASE {name} SET {setting}")
    stack.rt.engine.dispose()


def _walk(stack: Stack, visitor: Visitor) -> None:
    """Two people take the whole course; one of them uses every button."""
    for person in (ADA, ZOE):
        assert visitor.sign_up(**person).status == 303
        letter = stack.letters(visitor, person["email"], 1)[0]
        for link in visitor.links(letter):
            visitor.get(link)
        assert visitor.post(visitor.link(letter, "confirm")).status == 200
    assert visitor.sign_up(**TYPO).status == 422
    stack.engage("clock", "advance", "4d")
    first = visitor.link(visitor.lessons(ADA["email"])[0], "lessons")
    for act, form in (("pause", {"days": "7"}), ("resume", {}), ("next", {"lesson": "how-it-may-work"})):
        assert visitor.post(f"{first}/{act}", form).status == 303
    stack.engage("clock", "advance", "60d")
    for mail in visitor.mailbox():
        for link in visitor.links(mail):
            assert visitor.get(link).status in (200, 410)
    visitor.post("/dev/mailbox", {"words": ADA["email"]})
    assert visitor.post(visitor.link(visitor.lessons(ZOE["email"])[-1], "unsubscribe")).status == 303
    stack.engage("messages", "list")


def _fail(stack: Stack, visitor: Visitor) -> dict[str, int]:
    """The status of each failure that was caused on purpose, all with planted values in the request."""
    with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as connection:
        execute = connection.execute
        execute("ALTER TABLE signups RENAME TO elsewhere")
        gone = visitor.sign_up(**ADA).status
        execute("ALTER TABLE elsewhere RENAME TO signups")

        execute("ALTER TABLE signups ADD CONSTRAINT never CHECK (false) NOT VALID")
        refused = visitor.sign_up(**ZOE).status
        execute("ALTER TABLE signups DROP CONSTRAINT never")

        assert visitor.sign_up(**ADA).status == 303
        letter = stack.letters(visitor, ADA["email"], 2 + len(visitor.lessons(ADA["email"])))[-1]
        assert visitor.post(visitor.link(letter, "confirm")).status == 200
        execute("UPDATE people SET sealed = set_byte(sealed, 19, get_byte(sealed, 19) # 255)")
        unsealed = visitor.get(visitor.link(visitor.lessons(ADA["email"])[0], "lessons")).status
        stack.command("clock", "advance", "4d", "--patience", "2").wait(30)
    return {
        "a table that is gone": gone,
        "a row that is refused": refused,
        "a sealed value that is not its row's": unsealed,
        "a field that is wrong": visitor.sign_up(**TYPO).status,
        "a name with a newline": visitor.sign_up(
            **{**ADA, "given_name": f"{ADA['given_name']}\r\nBcc: x"}
        ).status,
        "an unknown choice": visitor.sign_up(**{**FORM, "main_pain": ADA["given_name"]}).status,
        "a body that is too long": visitor.ask("POST", COURSE, ADA["email"].encode() * 3_000).status,
    }
