"""The entry of the plain competitor's worker: ``celery -A bench.peer.worker:app worker``."""

import os
from pathlib import Path

from bench.peer.tasks import make_app

app = make_app(os.environ["REDIS_URL"], os.environ["DATABASE_URL"], Path(os.environ["PEER_TEMPLATES"]))
