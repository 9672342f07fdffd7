"""What each staff page and act asks of whoever is signed in. A page that is not named here is refused to everybody."""

from __future__ import annotations

from dataclasses import dataclass

from engage.domain.roles import Permission


@dataclass(frozen=True, slots=True)
class Asks:
    """A permission of the member's role. ``step_up``: what is about to be done, in words, where it needs a one-time code
    given within the last minutes; else empty."""

    permission: Permission
    step_up: str = ""


LOOK, OWN, DESK, WRITE, RUN = Asks("look"), Asks("own"), Asks("desk"), Asks("write"), Asks("run")

# Pages for people who are not signed in yet.
OPEN = frozenset({"sign_in", "invite"})

# By blueprint, or by blueprint and view where one differs; names are those below ``staff.``. A pair is what looking
# asks for (GET, HEAD, OPTIONS) and what acts do (all other methods); a single one counts for both.
TABLE: dict[str, Asks | tuple[Asks, Asks]] = {
    "session": (LOOK, OWN),
    "account": OWN,
    "step_up": OWN,
    "requests": (LOOK, DESK),
    "people": (LOOK, DESK),
    "people.search": LOOK,  # It posts so that typed words are in no address.
    "people.copy": Asks("export", step_up="download all that is held about this person"),
    "people.outcomes_sheet": Asks("export", step_up="download this person’s answers"),
    "people.erase": Asks("erase", step_up="erase this person"),
    "messages": (LOOK, DESK),
    "follow_ups": (LOOK, DESK),
    "texts": (LOOK, DESK),
    "booking": DESK,
    "newcomers": DESK,
    "visits": (LOOK, DESK),
    "visit_changes": DESK,
    "plans": (LOOK, DESK),
    "plans.form": DESK,
    "run_sheet": (LOOK, DESK),
    "reminders": (LOOK, Asks("settings")),
    "today": LOOK,
    "person_marks": (LOOK, DESK),
    "segments": (LOOK, WRITE),
    "campaigns": (LOOK, RUN),
    "campaigns.new": WRITE,
    "campaigns.create": WRITE,
    "campaigns.clone": WRITE,
    "campaigns.approve": Asks("approve"),
    "campaigns.start": Asks("run", step_up="start this campaign"),
    "campaigns.resume": Asks("run", step_up="let this campaign go on"),
    "campaigns.export": Asks("export", step_up="download who this campaign was for"),
    "campaign_audience": (LOOK, WRITE),
    "campaign_drafts": (LOOK, WRITE),
    "campaign_views": (LOOK, RUN),
    "campaign_previews": LOOK,
    "members": (LOOK, Asks("staff", step_up="change who works here and what they may do")),
    "keys": (LOOK, Asks("keys", step_up="change which programs may come in")),
    "go_live": (LOOK, Asks("go_live", step_up="change what is sent to real people")),
}


def asks(endpoint: str, *, changes: bool) -> Asks | None:
    """What a request for ``endpoint`` ("staff.people.erase") needs. None for a page that nobody named."""
    name = endpoint.removeprefix("staff.")
    found = TABLE.get(name) or TABLE.get(name.partition(".")[0])
    if isinstance(found, tuple):
        return found[1] if changes else found[0]
    return found


def is_act(words: str) -> bool:
    """Whether these are the words of something that needs a fresh code: a page shows no others."""
    return any(
        words == one.step_up
        for entry in TABLE.values()
        for one in (entry if isinstance(entry, tuple) else (entry,))
    )
