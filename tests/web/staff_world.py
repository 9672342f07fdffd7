"""A member of staff at a browser: real app, real database, real codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engage.domain.roles import Role
from engage.runtime import Runtime
from engage.services import staff, staff_secrets
from engage.services.audit import CLI
from tests.apps import app_of

PASSWORD = "seven teal umbrellas at noon"
EMAIL = "sam@example.org"
NAME = "Sam Rivera"


@dataclass
class Desk:
    """One browser, and what its member of staff knows."""

    rt: Runtime
    client: FlaskClient
    email: str = EMAIL
    secret: str = ""
    codes: tuple[str, ...] = ()

    def get(self, address: str, headers: dict[str, str] | None = None) -> TestResponse:
        return self.client.get(address, headers=headers)

    def post(self, address: str, page: TestResponse, **typed: str) -> TestResponse:
        """Sends the form that ``page`` shows for ``address`` with its hidden fields and what is typed."""
        return self.client.post(address, data=hidden(page) | typed)

    def code(self) -> str:
        """The app's code. Codes work once, so the steps used are forgotten here: tests don't wait 30 s."""
        with self.rt.transaction() as tx:
            tx.exec_driver_sql("UPDATE staff SET totp_step = 0")
        return staff_secrets.code_at(self.secret, datetime.now(UTC))

    def sign_in(self, code: str = "", address: str = "/staff/sign-in", **more: str) -> TestResponse:
        """Both steps; returns the last answer."""
        page = self.get(address)
        half = self.post("/staff/sign-in", page, email=self.email, password=PASSWORD, **more)
        assert half.status_code == 200, half.text
        return self.post("/staff/sign-in/code", half, code=code or self.code())

    def beside(self) -> Desk:
        """The same member at another browser."""
        return Desk(self.rt, self.client.application.test_client(), self.email, self.secret, self.codes)


def hidden(page: TestResponse) -> dict[str, str]:
    """The hidden fields of a page's last form; the bar's sign-out comes first."""
    form = page.text.rsplit("<form", 1)[-1] if "<form" in page.text else page.text
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    found = {name: unescape(value) for name, value in fields}
    areas = re.findall(r'<textarea name="(\w+)" hidden[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    return found | {name: unescape(value) for name, value in areas}


def path_of(url: str) -> str:
    """The path of an absolute address."""
    return "/" + url.split("/", 3)[3]


def new_member(rt: Runtime, email: str = EMAIL, name: str = NAME, role: Role = "administrator") -> Desk:
    """Somebody who was invited and has set up their account in the browser; not signed in yet."""
    desk = Desk(rt, app_of(rt).test_client(), email)
    set_up(desk, path_of(staff.invite(rt, CLI, email, name, role).url))
    return desk


def set_up(desk: Desk, address: str) -> None:
    """Walks the invitation."""
    second = desk.post(address, desk.get(address), password=PASSWORD, again=PASSWORD)
    assert second.status_code == 200, second.text
    desk.secret = secret_on(second)
    third = desk.post(f"{address}/code", second, code=desk.code())
    assert third.status_code == 200, third.text
    desk.codes = tuple(re.findall(r"<code>([\w-]+)</code>", third.text))


def secret_on(page: TestResponse) -> str:
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page.text)
    assert found is not None
    return found.group(1).replace(" ", "")


def is_in(desk: Desk) -> bool:
    """Whether the browser is signed in."""
    return desk.get("/staff/account").status_code == 200


def refused(answer: TestResponse) -> bool:
    """Whether a form came back with an error."""
    return answer.status_code == 422 and "Error: " in answer.text


def sql(rt: Runtime, statement: str) -> None:
    """Something that only a database's owner does."""
    with rt.transaction() as tx:
        tx.exec_driver_sql(statement)
