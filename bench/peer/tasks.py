"""One Celery task for each message: load it, check consent, render, store, mark, in one transaction."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from celery import Celery
from jinja2 import Environment, FileSystemLoader, Template, select_autoescape
from sqlalchemy import Engine, create_engine, insert, make_url, select, update
from sqlalchemy.orm import Session

from bench.peer.tables import Consent, Message, Person, Sent

ORM, CORE, SDK = "peer.orm", "peer.core", "peer.sdk"
UNSUBSCRIBE = "https://engage.example.org/unsubscribe/"
LESSON = "https://engage.example.org/lessons/"


def make_app(redis_url: str, database_url: str, templates: Path) -> Celery:
    """An app with all three tasks. Connects on first use, in each child."""
    app = Celery("peer", broker=redis_url)
    app.conf.update(task_ignore_result=True, task_default_queue="peer", worker_hijack_root_logger=False)

    def orm(message_id: int) -> None:
        send_by_orm(_engine(database_url), _templates(templates), message_id)

    def core(message_id: int) -> None:
        send_by_core(_engine(database_url), _templates(templates), message_id)

    def sdk(message_id: int) -> None:
        send_by_sdk(_engine(database_url), _templates(templates), message_id)

    app.task(name=ORM)(orm)
    app.task(name=SDK)(sdk)
    app.task(name=CORE)(core)
    return app


@lru_cache(maxsize=1)
def _engine(url: str) -> Engine:
    return create_engine(make_url(url).set(drivername="postgresql+psycopg"))


@lru_cache(maxsize=1)
def _templates(folder: Path) -> tuple[Template, Template, Template]:
    """Subject, HTML and text, compiled once."""
    jinja = Environment(loader=FileSystemLoader(folder), autoescape=select_autoescape(["html"]))
    return jinja.get_template("subject.txt"), jinja.get_template("body.html"), jinja.get_template("body.txt")


def _render(templates: tuple[Template, Template, Template], name: str, id: int) -> list[str]:
    values = {"given_name": name, "lesson_url": f"{LESSON}{id}", "unsubscribe_url": f"{UNSUBSCRIBE}{id}"}
    return [template.render(values) for template in templates]


def send_by_orm(engine: Engine, templates: tuple[Template, Template, Template], id: int) -> None:
    """With mapped objects."""
    with Session(engine) as session, session.begin():
        message = session.get(Message, id)
        if message is None or message.status != "due":
            return
        person = session.get_one(Person, message.person_id)
        consent = session.get(Consent, (person.id, "education"))
        if consent is None or not consent.granted:
            message.status = "skipped"
            return
        subject, html, text = _render(templates, person.given_name, id)
        now = datetime.now(UTC)
        session.add(
            Sent(message_id=id, email=person.email, subject=subject, html=html, text=text, sent_at=now)
        )
        message.status, message.sent_at = "sent", now


def send_by_core(engine: Engine, templates: tuple[Template, Template, Template], id: int) -> None:
    """With three statements."""
    facts = (
        select(Person.given_name, Person.email, Consent.granted)
        .join(Message, Message.person_id == Person.id)
        .outerjoin(Consent, (Consent.person_id == Person.id) & (Consent.purpose == "education"))
        .where(Message.id == id, Message.status == "due")
    )
    with engine.begin() as tx:
        row = tx.execute(facts).one_or_none()
        if row is None:
            return
        if not row.granted:
            tx.execute(update(Message).where(Message.id == id).values(status="skipped"))
            return
        subject, html, text = _render(templates, row.given_name, id)
        now = datetime.now(UTC)
        values = {
            "message_id": id,
            "email": row.email,
            "subject": subject,
            "html": html,
            "text": text,
            "sent_at": now,
        }
        tx.execute(insert(Sent).values(values))
        tx.execute(update(Message).where(Message.id == id).values(status="sent", sent_at=now))


def send_by_sdk(engine: Engine, templates: tuple[Template, Template, Template], id: int) -> None:
    """With mapped objects, and SendGrid's own client as its README uses it."""
    from sendgrid import SendGridAPIClient
    from sendgrid.helpers.mail import Content, Mail

    with Session(engine) as session, session.begin():
        message = session.get(Message, id)
        if message is None or message.status != "due":
            return
        person = session.get_one(Person, message.person_id)
        consent = session.get(Consent, (person.id, "education"))
        if consent is None or not consent.granted:
            message.status = "skipped"
            return
        subject, html, text = _render(templates, person.given_name, id)
        mail = Mail("letters@mail.example.org", person.email, subject)
        mail.content = [Content("text/plain", text), Content("text/html", html)]
        client = SendGridAPIClient(os.environ["PEER_SENDGRID_KEY"], host=os.environ["PEER_SENDGRID_URL"])
        client.send(mail)
        now = datetime.now(UTC)
        # The text is at the vendor; what is kept says that it left.
        session.add(Sent(message_id=id, email=person.email, subject=subject, html="", text="", sent_at=now))
        message.status, message.sent_at = "sent", now
