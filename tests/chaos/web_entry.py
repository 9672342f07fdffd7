"""``granian --interface wsgi tests.chaos.web_entry:app``."""

from tests.chaos.entry import prepare

prepare("web")

from web import app  # noqa: E402

__all__ = ["app"]
