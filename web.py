"""The web server's entry: ``granian --interface wsgi web:app``."""

import os

from engage import log
from engage.runtime import build
from engage.settings import load
from engage.web.app import create_app

settings = load(os.environ)
log.configure(development=settings.development, level=settings.log_level)
app = create_app(build(settings, pool_size=4))
