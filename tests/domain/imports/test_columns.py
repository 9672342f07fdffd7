"""Which column is what."""

from __future__ import annotations

import pytest

from engage.domain.imports.columns import _KNOWN, _NAMES, Unclear, columns, plain


def found(header: str, **told: str) -> dict[str, str]:
    named = {name.replace("_", " "): field for name, field in told.items()}
    fields = columns(header.split(","), named).fields()
    return {name: field for name, field in fields.items() if field != "ignore"}


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (
            "Start Time,End Time,First Name,Last Name,Phone,Email,Type,Calendar,Appointment Price,Paid?,Notes,"
            "Date Scheduled,Certificate Code,Time Zone,Appointment ID",
            "start,end,first-name,last-name,mobile,email,,practitioner,,,,,,zone,visit-id",
        ),
        (
            "AppointmentId,PatientId,PatientFirstName,PatientLastName,StartDateTime,StopDateTime,ApptStatus",
            "visit-id,patient-id,first-name,last-name,start,end,status",
        ),
        (
            "appointment_id,client_id,client_name,mobile_phone,email_address,start_date,start_time,duration",
            "visit-id,patient-id,name,mobile,email,date,start,minutes",
        ),
        ("id,starts_at,ends_at,patient,email", "visit-id,start,end,name,email"),
        ("Date,Time,Client,Cell Phone,Home Phone,Location", "date,time,name,mobile,,location"),
        ("First Name,Email,Phone,Mobile,Date,Time", "first-name,email,,mobile,date,time"),
        (
            "Invitee Name,Invitee Email,Start Date & Time,Canceled,Event Type Name",
            "name,email,start,cancelled,",
        ),
    ],
)
def test_the_usual_exports_are_recognised(header: str, fields: str) -> None:
    named = zip(header.split(","), fields.split(","), strict=True)
    assert found(header) == {name: field for name, field in named if field}


def test_what_somebody_said_comes_first() -> None:
    header = "First Name,Email,Client Phone 2,Mobile,Date,Time"
    assert found(header)["Mobile"] == "mobile"
    told = found(header, Client_Phone_2="mobile", Email="ignore")
    assert told["Client Phone 2"] == "mobile"
    assert {"Mobile", "Email"}.isdisjoint(told)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("First Name,Email", "when a visit starts"),
        ("Email,Date,Time", "the first name"),
        ("First Name,Date,Time", "a patient's id, email address or mobile number"),
        ("First Name,Email,Email,Date", "Two columns are called “Email”"),
        (",,", "has to name the columns"),
    ],
)
def test_what_is_missing_is_told_with_the_words_to_type(header: str, words: str) -> None:
    with pytest.raises(Unclear, match=words):
        found(header)


@pytest.mark.parametrize(
    ("header", "told", "words"),
    [
        (
            "First Name,Email,Colour,Shoe Size",
            {},
            "The columns are: First Name, Email and 2 others. Say which",
        ),
        ("Email,Colour", {}, "The columns are: Email and 1 other. Say"),
        ("Email,First Name", {}, "The columns are: Email and First Name. Say"),
        ("Email", {}, "The only column is: Email. Say"),
        ("Ada Lovelace,ada@example.org,Nov 12", {}, "None of its 3 columns has a name that is known here"),
        (
            "Ada Lovelace,ada@example.org",
            {"Handy": "mobile"},
            "None of its 2 columns has a name that is known",
        ),
    ],
)
def test_a_row_in_the_place_of_the_header_is_not_printed(
    header: str, told: dict[str, str], words: str
) -> None:
    with pytest.raises(Unclear) as caught:
        columns(header.split(","), told)
    assert words in str(caught.value)
    assert not any(private in str(caught.value) for private in ("Lovelace", "example.org", "Colour"))


def test_a_column_that_is_remembered_and_gone_is_missed() -> None:
    with pytest.raises(Unclear, match="no column “Handy”, which is the mobile"):
        found("First Name,Email,Date", Handy="mobile")


def test_no_name_stands_for_two_things() -> None:
    named = [plain(name) for names in _NAMES.values() for name in names.split(",") if name.strip()]
    assert len(named) == len(set(named)) == len(_KNOWN)
