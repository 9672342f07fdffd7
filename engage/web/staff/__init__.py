"""Staff pages, all under /staff and behind sign-in."""

from __future__ import annotations

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from engage.web.staff import (
    account,
    booking,
    campaign_previews,
    csrf,
    follow_ups,
    guard,
    home,
    invite,
    messages,
    newcomers,
    people,
    person_marks,
    plans,
    reminders,
    requests,
    run_sheet,
    segments,
    session,
    sign_in,
    texts,
    today,
    visit_changes,
    visits,
)

# Each file of pages brings a blueprint; all of them stand behind the same guard.
PAGES = (
    sign_in.pages,
    invite.pages,
    home.pages,
    today.pages,
    account.pages,
    requests.pages,
    people.pages,
    person_marks.pages,
    messages.pages,
    follow_ups.pages,
    texts.pages,
    booking.pages,
    newcomers.pages,
    visits.pages,
    visit_changes.pages,
    plans.pages,
    run_sheet.pages,
    reminders.pages,
    campaign_previews.pages,
    segments.pages,
)


def blueprint() -> Blueprint:
    """The blueprint ``staff``: guard, cookie, ``csrf_field()``, and every page."""
    staff = Blueprint("staff", __name__, url_prefix="/staff")
    staff.before_request(guard.before)
    staff.after_request(session.set_cookie)
    staff.record(_words)
    for pages in PAGES:
        staff.register_blueprint(pages)
    return staff


def _words(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(csrf_field=csrf.csrf_field, csrf_token=csrf.csrf_token)
