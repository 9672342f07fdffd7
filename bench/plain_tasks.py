"""Messages a second of the plain competitor: one Celery task for each message, publishing included."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from itertools import count

from celery import Celery
from sqlalchemy import func, insert, select

from bench import people
from bench.peer.tables import Base, Consent, Message, Person, Sent
from bench.peer.tasks import CORE, ORM, make_app
from bench.place import BenchError, Place
from engage.content.merge import MARK
from engage.dev.child import Child

DRAIN_SECONDS = 120.0
WORKER = (
    *(sys.executable, "-m", "celery", "--app", "bench.peer.worker:app", "--quiet", "worker"),
    *("--concurrency", "2", "--loglevel", "WARNING", "--without-mingle", "--without-gossip"),
)


class PlainTasks:
    """The competitor with its worker running: two processes, tables and texts of its own."""

    def __init__(
        self, place: Place, ways: Sequence[str] = (ORM, CORE), env: Mapping[str, str] | None = None
    ) -> None:
        self._place = place
        self._numbers = count(1)
        Base.metadata.create_all(place.rt.engine)
        templates = place.directory / "peer"
        templates.mkdir()
        lesson = people.course(place.rt).lessons[0]
        text = place.rt.library.lesson(people.course(place.rt).slug, lesson.slug)
        for name, words in (("subject.txt", text.subject), ("body.html", text.html), ("body.txt", text.text)):
            (templates / name).write_text(MARK.sub(r"{{ \1 }}", words), encoding="utf-8")
        self._app: Celery = make_app(place.rt.settings.redis_url, place.rt.settings.database_url, templates)
        self.worker: Child = place.start("peer", WORKER, {"PEER_TEMPLATES": str(templates), **(env or {})})
        for way in ways:
            self.measure(way, 20)

    def measure(self, way: str, number: int) -> float:
        """Messages a second from the first publish to the last commit, for ``number`` new messages."""
        ids = self._due(number)
        before = self._sent()
        task = self._app.tasks[way]
        began = time.perf_counter()
        for id in ids:
            task.delay(id)
        self._place.wait(
            "one task for each message", lambda: self._sent() - before >= number, DRAIN_SECONDS, tick=0.02
        )
        took = time.perf_counter() - began
        with self._place.rt.transaction() as tx:
            marked = tx.execute(
                select(func.count()).where(Message.id.in_(ids), Message.status == "sent")
            ).scalar_one()
        if marked != number:
            raise BenchError(f"{number} messages were published, {marked} were marked as sent")
        return number / took

    def _due(self, number: int) -> list[int]:
        """New people who agreed, each with a message that is due."""
        ids = [next(self._numbers) for _ in range(number)]
        with self._place.rt.transaction() as tx:
            tx.execute(
                insert(Person),
                [{"id": id, "given_name": "Ada", "email": f"ada.{id}@example.org"} for id in ids],
            )
            tx.execute(
                insert(Consent), [{"person_id": id, "purpose": "education", "granted": True} for id in ids]
            )
            tx.execute(insert(Message), [{"id": id, "person_id": id, "status": "due"} for id in ids])
        with self._place.rt.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as own:
            own.exec_driver_sql("ANALYZE peer_messages, peer_people, peer_consents")
        return ids

    def _sent(self) -> int:
        with self._place.rt.transaction() as tx:
            return int(tx.execute(select(func.max(Sent.id))).scalar() or 0)
