"""The entry of the bare Flask app: ``granian --interface wsgi bench.peer.web:app``."""

import os

from bench.peer.form import make_form

app = make_form(os.environ["DATABASE_URL"])
