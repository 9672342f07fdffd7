"""Staff pages, all under /staff and behind sign-in."""

from __future__ import annotations

from flask import Blueprint, g
from flask.blueprints import BlueprintSetupState

from engage.web.staff import (
    account,
    booking,
    campaign_audience,
    campaign_drafts,
    campaign_previews,
    campaign_views,
    campaigns,
    csrf,
    follow_ups,
    guard,
    home,
    invite,
    kept,
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
    campaigns.pages,
    campaign_audience.pages,
    campaign_drafts.pages,
    campaign_views.pages,
)
# Longest body of each, where it is not the app's.
LIMITS = campaign_drafts.LIMITS | {
    f"staff.sign_in.{name}": 2 * kept.LONGEST for name in ("password", "code")
}


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
    state.app.jinja_env.globals.update(csrf_field=csrf.csrf_field, csrf_token=csrf.csrf_token, may=_may)


def _may(permission: str) -> bool:
    """For templates: what a member may not do has no button."""
    return bool(g.staff.role != "reader")
