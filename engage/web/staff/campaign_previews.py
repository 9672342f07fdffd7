"""A campaign's letter for the sandboxed frame, as a real person would get it, in light or dark."""

from __future__ import annotations

import re
from typing import Final, Literal
from uuid import UUID

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from engage.content.campaign_flaws import CampaignTextError
from engage.services import campaign_previews
from engage.web.context import runtime
from engage.web.mailbox import for_frame
from engage.web.staff.session import actor

pages = Blueprint("campaign_previews", __name__, url_prefix="/campaigns")

Theme = Literal["light", "dark"]
_DARK: Final = re.compile(r"@media\s*\(\s*prefers-color-scheme:\s*dark\s*\)")
_SCHEMES: Final = re.compile(r"(color-schemes?(?::|\"\s+content=\"))light dark")


@pages.get("/<uuid:id>/preview/<uuid:person>/html")
def html(id: UUID, person: UUID) -> Response:
    """The HTML in the theme of ``?theme=``, light where it is not dark. It fits into 320 pixels by itself."""
    try:
        found = campaign_previews.html(runtime(), actor(), id, person)
    except CampaignTextError:
        found = None
    if found is None:
        abort(404)
    return for_frame(in_theme(found, "dark" if request.args.get("theme") == "dark" else "light"))


def in_theme(document: str, theme: Theme) -> str:
    """The letter as mail programs in light or dark show it, whatever this browser prefers: the style for dark is asked
    for by a media query, which answers here for everybody or nobody."""
    head, end, rest = document.partition("</head>")
    head = _DARK.sub("@media all" if theme == "dark" else "@media not all", head)
    return _SCHEMES.sub(rf"\g<1>{theme}", head) + end + rest
