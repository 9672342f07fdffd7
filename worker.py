"""The worker's and beat's entry: ``celery -A worker:app worker`` and ``celery -A worker:app beat``."""

import os

from engage import log
from engage.runtime import Runtime, build
from engage.settings import load
from engage.tasks import make_celery

settings = load(os.environ)
log.configure(development=settings.development, level=settings.log_level)


def _runtime() -> Runtime:
    return build(settings, pool_size=2)


app = make_celery(settings.redis_url, _runtime, settings.bulk_slots)
