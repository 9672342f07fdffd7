"""``celery --app tests.chaos.worker_entry:app worker`` and ``... beat``."""

from tests.chaos.entry import prepare

prepare("worker")

from worker import app  # noqa: E402

__all__ = ["app"]
