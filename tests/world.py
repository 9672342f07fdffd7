"""A clinic in a test: people sign up, time passes, mail arrives. All parts are real but the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from engage.runtime import Runtime
from engage.services import alerts, consultation_work, consultations, mailbox, recover, signups
from engage.services.deliver import deliver, is_due
from engage.services.mailbox import Mail
from engage.storage import messages

COURSE = "chronic-pain"
# A Monday, in winter time.
MONDAY = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
FORM = {
    "given_name": "Ada",
    "email": "ada@example.org",
    "main_pain": "neck",
    "zone": "America/New_York",
    "consent": "yes",
}

REQUEST = {
    "given_name": "Grace",
    "email": "grace@example.org",
    "telephone": "(518) 555-0123",
    "reach": "call",
    "time-weekday-morning": "yes",
    "message": "My neck has been hurting for a year.",
    "main_pain": "neck",
    "consent": "yes",
}


@dataclass
class World:
    """``rt`` is the runtime at the world's own moment."""

    base: Runtime
    now: datetime = MONDAY
    _at: dict[datetime, Runtime] = field(default_factory=dict)
    _clients: int = 0

    @property
    def rt(self) -> Runtime:
        if self.now not in self._at:
            self._at[self.now] = self.base.at(self.now)
        return self._at[self.now]

    def work(self) -> None:
        """What workers do until nothing is due."""
        recover.recover(self.rt)
        recover.sweep(self.rt)
        signups.answer_new(self.rt)
        consultation_work.answer_new(self.rt)
        consultation_work.watch(self.rt)
        alerts.tell(self.rt, self.now)
        while is_due(self.rt) and deliver(self.rt, seconds=30).more:
            pass

    def pass_time(self, span: timedelta) -> None:
        """Lets time pass from due moment to due moment, as ``engage clock advance`` does."""
        target = self.now + span
        while True:
            self.work()
            with self.base.transaction() as tx:
                stop = messages.next_due(tx, self.now, target)
            self.now = stop or target
            if stop is None:
                self.work()
                return

    def sign_up(self, **typed: str) -> str:
        """Somebody sends the form; the token for the page after it."""
        return signups.accept(self.rt, COURSE, {**FORM, **typed}, self.client())

    def ask(self, **typed: str) -> None:
        """Somebody asks for a consultation."""
        consultations.accept(self.rt, {**REQUEST, **typed}, self.client())

    def client(self) -> str:
        """The address that a form comes from: another one each time, as visitors do."""
        self._clients += 1
        return f"198.18.{self._clients // 250 % 250}.{self._clients % 250}"

    def enrol(self, **typed: str) -> signups.Confirmed:
        """Somebody sends the form and confirms from the mail."""
        self.sign_up(**typed)
        self.work()
        return signups.confirm(self.rt, self.token("confirm", self.mail(typed.get("email"))[-1]))

    def mail(self, to: str | None = None) -> list[Mail]:
        """What arrived, newest last."""
        return [mail for mail in mailbox.everything(self.rt) if to is None or mail.to == to]

    def lessons(self, to: str | None = None) -> list[Mail]:
        """The lessons that arrived, newest last."""
        return [mail for mail in self.mail(to) if mail.kind == "course-lesson"]

    def token(self, page: str, mail: Mail) -> str:
        """The token of the first link to ``page`` in a mail."""
        found = re.search(rf"/{page}/([\w-]+)", mail.text)
        assert found is not None, f"no {page} link in:\n{mail.text}"
        return found.group(1)

    def local(self, mail: Mail, zone: str = "America/New_York") -> datetime:
        """When it arrived, by the person's clock."""
        return mail.sent_at.astimezone(ZoneInfo(zone))
