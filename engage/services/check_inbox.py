"""The page after a sign-up: its button asks for the confirmation once more."""

from __future__ import annotations

from collections.abc import Mapping

from engage.ids import new_id
from engage.links import BadLink
from engage.runtime import Runtime
from engage.services import forms
from engage.storage import form_counts, signups


def send_again(rt: Runtime, token: str, form: Mapping[str, str], ip: str) -> None:
    """Copies the sign-up that ``token`` names, found by its id only, as a new row that asks for a resend.

    Whether a mail goes out is decided later, so that the answer is the same for all. A token that
    can't be used, and a sign-up that was confirmed, called off or forgotten, are passed over in
    silence. Raises TooMany, InvalidInput.
    """
    counted = forms.counted(rt, form, ip)
    if counted is not None:
        # Before the sign-up is looked at: whether it counted must not tell what became of it.
        with rt.transaction() as tx:
            within = form_counts.count_only(tx, counted)
        if not within:
            raise forms.too_many()
    with rt.transaction() as tx:
        now = rt.now(tx)
        try:
            first = signups.one(tx, rt.links.read("check-inbox", token, now))
        except BadLink:
            return
        if first is None or first.sealed is None:
            return
        id = new_id()
        typed = rt.sealer.open("signups", first.id, first.sealed)
        sealed = rt.sealer.seal("signups", id, typed)
        index = bytes(first.address_index)
        signups.add(tx, id, first.course, index, sealed, now, resend=True)
