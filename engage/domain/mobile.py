"""A mobile number as people type it, or one clear sentence about why it can't be used and what to do."""

from __future__ import annotations

from collections.abc import Sequence

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

# Longer than any way to write a number.
LONGEST = 40
_CANADA_TOO = {"US": "the United States", "CA": "Canada"}
_BY_EMAIL = "The course goes on by email in any case."
_NO_MOBILE = {
    PhoneNumberType.TOLL_FREE: "That is a toll-free number, which can’t get texts from us.",
    PhoneNumberType.PREMIUM_RATE: "That is a premium-rate number, which we don’t text.",
    PhoneNumberType.SHARED_COST: "That is a premium-rate number, which we don’t text.",
    PhoneNumberType.FIXED_LINE: "That is a landline, which can’t get texts.",
    PhoneNumberType.VOIP: "That is an internet telephone number, which can’t get texts from us.",
}
_OTHER = "That is no mobile number."
_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


class BadNumber(ValueError):
    """A number that is not texted; the message says why and what to do instead."""


def mobile(raw: str, countries: Sequence[str], otherwise: str = _BY_EMAIL) -> str:
    """The number in E.164 form. ``countries`` are two-letter codes; the first is assumed without a country code.
    ``otherwise`` ends the sentences about numbers that are never texted.

    In the North American plan nothing tells a landline from a mobile number, so only numbers that can be no
    mobile are refused. Raises BadNumber.
    """
    typed = raw.strip()
    if not typed:
        raise BadNumber("Please give your mobile number with its area code, such as (518) 555-0123.")
    number = _read(typed, countries[0])
    if number.extension:
        raise BadNumber(
            "A number with an extension can’t get texts. Please give a mobile number without one."
        )
    if number.country_code not in {phonenumbers.country_code_for_region(code) for code in countries}:
        raise _foreign(countries, otherwise)
    if not phonenumbers.is_valid_number(number):
        raise _unknown()
    kind = phonenumbers.number_type(number)
    if kind not in _MOBILE:
        raise BadNumber(f"{_NO_MOBILE.get(kind, _OTHER)} Please give a mobile number. {otherwise}".rstrip())
    if phonenumbers.region_code_for_number(number) not in countries:
        raise _foreign(countries, otherwise)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def prefix_of(number: str) -> str:
    """The area that a number in E.164 form belongs to: its area code in the North American plan, else as many digits."""
    return number[:5]


def spoken(number: str) -> str:
    """An E.164 number as people write it: "+1 518-555-0123"."""
    return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.INTERNATIONAL)


def _read(typed: str, country: str) -> PhoneNumber:
    if len(typed) > LONGEST or not typed.isprintable():
        raise _unknown()
    try:
        return phonenumbers.parse(typed, country)
    except phonenumbers.NumberParseException:
        raise _unknown() from None


def _unknown() -> BadNumber:
    return BadNumber(
        "There is no such number. Please check its digits: area code and seven more, such as (518) 555-0123."
    )


def _foreign(countries: Sequence[str], otherwise: str) -> BadNumber:
    names = [_CANADA_TOO.get(code, code) for code in countries]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return BadNumber(f"We can text only numbers of {listed}. Please give one of those. {otherwise}".rstrip())
