# mypy: ignore-errors
"""Runs inside ``bench/peers/.venv``: fills a package's queue and delivers it as its own command does.

Answers ``ready``; each line ``PACKAGE BACKEND COUNT`` is answered with the seconds that delivery took.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import django
from django.conf import settings

PROCESSES = 2
SENDER = "letters@mail.example.org"
NULL, SENDGRID = "django.core.mail.backends.dummy.EmailBackend", "anymail.backends.sendgrid.EmailBackend"


def configure() -> None:
    """Both packages with their defaults, on PostgreSQL."""
    url = urlsplit(os.environ["PEER_DATABASE_URL"])
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": url.path.lstrip("/"),
                "USER": url.username,
                "PASSWORD": url.password,
                "HOST": url.hostname,
                "PORT": url.port,
            }
        },
        INSTALLED_APPS=["django.contrib.contenttypes", "anymail", "post_office", "mailer"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        ANYMAIL={
            "SENDGRID_API_KEY": os.environ["PEER_SENDGRID_KEY"],
            "SENDGRID_API_URL": os.environ["PEER_SENDGRID_URL"] + "/v3/",
        },
        POST_OFFICE={"BACKENDS": {"default": NULL, "null": NULL, "sendgrid": SENDGRID}},
        MAILER_EMAIL_BACKEND=NULL,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def post_office(backend: str, count: int, text: dict[str, str]) -> float:
    """Rendered beforehand, delivered by two processes of five threads."""
    from django.core.management import call_command
    from post_office import mail
    from post_office.models import STATUS, Email

    mail.send_many(
        [
            {
                "recipients": f"person.{n}@example.org",
                "sender": SENDER,
                "subject": text["subject"],
                "message": text["text"],
                "html_message": text["html"],
                "backend": backend,
            }
            for n in range(count)
        ]
    )
    began = time.perf_counter()
    call_command("send_queued_mail", processes=PROCESSES)
    took = time.perf_counter() - began
    sent = Email.objects.filter(status=STATUS.sent).count()
    Email.objects.all().delete()
    if sent != count:
        raise SystemExit(f"post_office sent {sent} of {count}")
    return took


def mailer(backend: str, count: int, text: dict[str, str]) -> float:
    """One process: a lock file keeps others out."""
    from mailer import engine, send_html_mail
    from mailer.models import Message, MessageLog

    settings.MAILER_EMAIL_BACKEND = {"null": NULL, "sendgrid": SENDGRID}[backend]
    for n in range(count):
        send_html_mail(text["subject"], text["text"], text["html"], SENDER, [f"person.{n}@example.org"])
    began = time.perf_counter()
    engine.send_all()
    took = time.perf_counter() - began
    sent, left = MessageLog.objects.count(), Message.objects.count()
    MessageLog.objects.all().delete()
    if sent != count or left:
        raise SystemExit(f"mailer sent {sent} of {count}, {left} are left")
    return took


PACKAGES = {"post_office": post_office, "mailer": mailer}


def main() -> None:
    """Reads and answers until standard input ends."""
    warnings.simplefilter("ignore")
    configure()
    text = json.loads(Path(os.environ["PEER_TEXT"]).read_text(encoding="utf-8"))
    print("ready", flush=True)
    for line in sys.stdin:
        package, backend, count = line.split()
        print(PACKAGES[package](backend, int(count), text), flush=True)


if __name__ == "__main__":
    main()
