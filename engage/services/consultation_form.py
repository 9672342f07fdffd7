"""What is typed into the consultation form: checked, cleaned, and said back field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from engage.domain.consultations import REACH, TIMES, BadMessage, clean_message
from engage.domain.courses import MAIN_PAINS
from engage.domain.forms import InvalidInput
from engage.domain.people import BadName, clean_email, clean_name
from engage.runtime import Runtime

# Longer than any way to write a number.
MAX_TELEPHONE = 40
# Calling these costs the clinic, and people are not reached at them.
_REFUSED_TYPES = {
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.UAN,
    PhoneNumberType.VOICEMAIL,
}


def time_field(key: str) -> str:
    """The name of the checkbox for one of TIMES."""
    return f"time-{key}"


def check(rt: Runtime, form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, ready to be sealed: strings, and ``times`` as a list. Raises InvalidInput naming each field."""
    errors: dict[str, str] = {}
    typed: dict[str, Any] = {
        "given_name": _name(form, errors),
        "email": _email(form, errors),
        **_telephone(rt, form, errors),
        "reach": form.get("reach", ""),
        "times": [key for key in TIMES if form.get(time_field(key)) == "yes"],
        "message": "",
        "main_pain": form.get("main_pain", ""),
    }
    if not (form.get("email", "").strip() or form.get("telephone", "").strip()):
        errors["email"] = "Please give an email address or a telephone number, so that we can reach you."
    _reach(typed, errors)
    try:
        typed["message"] = clean_message(form.get("message", ""))
    except BadMessage as error:
        errors["message"] = str(error)
    if typed["main_pain"] not in MAIN_PAINS and typed["main_pain"]:
        errors["main_pain"] = "Please choose one from the list, or leave it open."
    if form.get("consent") != "yes":
        errors["consent"] = "Please tick the box so that we may contact you."
    if errors:
        raise InvalidInput(errors)
    return typed


def _name(form: Mapping[str, str], errors: dict[str, str]) -> str:
    try:
        name = clean_name(form.get("given_name", ""))
    except BadName as error:
        errors["given_name"] = str(error)
        return ""
    if not name:
        errors["given_name"] = "Please tell us your first name."
    return name


def _email(form: Mapping[str, str], errors: dict[str, str]) -> str:
    raw = form.get("email", "")
    if not raw.strip():
        return ""
    try:
        return clean_email(raw)
    except ValueError:
        errors["email"] = "Please give an email address such as name@example.org."
        return ""


def _telephone(rt: Runtime, form: Mapping[str, str], errors: dict[str, str]) -> dict[str, str]:
    """``telephone`` in E.164, and ``telephone_spoken`` as people write it, with an extension."""
    nothing = {"telephone": "", "telephone_spoken": ""}
    raw = form.get("telephone", "").strip()
    if not raw:
        return nothing
    countries = rt.clinic.consultation.telephone_countries
    try:
        if len(raw) > MAX_TELEPHONE or not raw.isprintable():
            raise ValueError("no number")
        number = phonenumbers.parse(raw, countries[0])
        if not phonenumbers.is_valid_number(number) or (
            phonenumbers.number_type(number) in _REFUSED_TYPES
            or phonenumbers.region_code_for_number(number) not in countries
        ):
            raise ValueError("not a number that we call")
    except (phonenumbers.NumberParseException, ValueError):
        errors["telephone"] = (
            "Please give a telephone number with its area code, such as (518) 555-0123. "
            "Numbers from other countries and toll-free ones can’t be used."
        )
        return nothing
    return {
        "telephone": phonenumbers.format_number(number, PhoneNumberFormat.E164),
        "telephone_spoken": phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
    }


def _reach(typed: Mapping[str, Any], errors: dict[str, str]) -> None:
    """The way must be one that was given; a field that is wrong already says so itself."""
    reach = typed["reach"]
    if reach not in REACH:
        errors["reach"] = "Please choose how we should reach you."
    elif reach == "email" and not typed["email"] and "email" not in errors:
        errors["email"] = "Please give an email address, or choose another way for us to reach you."
    elif reach != "email" and not typed["telephone"] and not {"telephone", "email"} & set(errors):
        errors["telephone"] = "Please give a telephone number, or choose another way for us to reach you."
