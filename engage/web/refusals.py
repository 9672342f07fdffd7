"""A form that came once too often: what the page says, with the input kept."""

from __future__ import annotations

from flask import make_response
from werkzeug.wrappers import Response

from engage.services.forms import TooMany


def too_many(error: TooMany) -> dict[str, str]:
    """The sentence for the form's error summary."""
    minutes = max(1, -(-error.retry_after // 60))
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    return {
        "form": f"Many forms came from your connection in the last hour. Please try again in {wait}, or call us."
    }


def refused(page: str, error: TooMany) -> Response:
    """``page`` as the answer 429, with the seconds to wait."""
    response = make_response(page, 429)
    response.headers["Retry-After"] = str(error.retry_after)
    return response
