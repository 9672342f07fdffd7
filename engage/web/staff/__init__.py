"""Staff pages, all under /staff and behind sign-in."""

from __future__ import annotations

from flask import Blueprint, g
from flask.blueprints import BlueprintSetupState

from engage.domain import roles
from engage.domain.roles import Permission
from engage.services import trial_mode
from engage.web.context import runtime
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
    go_live,
    guard,
    home,
    invite,
    kept,
    keys,
    members,
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
    step_up,
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
    step_up.pages,
    go_live.pages,
    members.pages,
    keys.pages,
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
    f"staff.{name}": 2 * kept.LONGEST for name in ("sign_in.password", "sign_in.code", "step_up.confirm")
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
    state.app.jinja_env.globals.update(
        csrf_field=csrf.csrf_field, csrf_token=csrf.csrf_token, may=_may, on_trial=_on_trial
    )


def _may(permission: Permission) -> bool:
    """For templates: what a member may not do has no button."""
    return roles.may(g.staff.role, permission)


def _on_trial() -> bool:
    """For templates: each page says that only staff get messages."""
    return trial_mode.in_force(runtime())
