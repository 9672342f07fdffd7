"""The security headers of every answer, built once per app.

Public pages set no cookie and carry no CSRF token. A link's signed token is the whole
authority for what its page does, and a sign-up changes nothing for anybody until the
confirmation is pressed, so there is no ambient right that another site could borrow.
"""

from __future__ import annotations

from flask import Flask, Response, request

# Pages that are the same for everybody: they may sit in a browser's history, so that
# going back finds what was typed. Everything else may hold a token or a name.
OPEN_ENDPOINTS = frozenset(
    {
        "public.landing",
        "public.course",
        "consultation.form",
        "public.privacy",
        "public.terms",
        "api.reference",
        "api.document",
    }
)

_PAGE = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; script-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# A mail as it was sent: its own inline styles, no script, no picture from elsewhere.
_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_FRAMED = _PAGE + "; frame-src 'self'"
# The search asks for its results as you type, an audience for its count.
_ASKING = _PAGE + "; connect-src 'self'"
_POLICIES = {
    "mailbox.one": _FRAMED,
    "mailbox.html": _MAIL,
    "staff.messages.one": _FRAMED,
    "staff.messages.html": _MAIL,
    "staff.campaign_previews.html": _MAIL,
    "staff.people.start": _ASKING,
    "staff.people.search": _ASKING,
    "staff.campaigns.one": _ASKING,
    "staff.campaign_drafts.check": _ASKING,
    "staff.campaign_drafts.content": _ASKING,
    "staff.campaign_drafts.save_content": _ASKING,
    "staff.campaign_drafts.waive": _ASKING,
    "staff.campaign_views.preview": _FRAMED,
    "staff.campaign_views.test": _FRAMED,
    **dict.fromkeys(
        (
            "staff.segments.form",
            "staff.segments.save_new",
            "staff.segments.change_form",
            "staff.segments.save",
            "staff.campaign_audience.show",
            "staff.campaign_audience.save",
        ),
        _ASKING,
    ),
}

_FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "microphone",
    "midi",
    "payment",
    "usb",
)

_COMMON = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", ", ".join(f"{name}=()" for name in _FEATURES)),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
_NO_STORE = [("Cache-Control", "no-store"), ("X-Robots-Tag", "noindex, nofollow")]


def protect(app: Flask, *, https: bool) -> None:
    """Adds the headers to every answer of ``app``; HSTS too when people come by https."""
    common = [*_COMMON]
    if https:
        common.append(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
    page = [*common, ("Content-Security-Policy", _PAGE)]
    private = [*page, *_NO_STORE]
    openly = [*page, ("Cache-Control", "no-cache")]
    special = {
        name: [*common, ("Content-Security-Policy", csp), *_NO_STORE] for name, csp in _POLICIES.items()
    }

    @app.after_request
    def add_headers(response: Response) -> Response:
        endpoint = request.endpoint or ""
        if endpoint == "static" and response.status_code < 400:
            response.headers.extend(page)
        elif endpoint in OPEN_ENDPOINTS and response.status_code == 200:
            response.headers.extend(openly)
        else:
            response.headers.extend(special.get(endpoint, private))
        return response
