"""What templates may say about the clinic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClinicText:
    """``{{ clinic.name }}`` and the rest. ``website`` is an https address."""

    name: str
    short_name: str
    telephone: str
    postal_address: str
    website: str
    email: str
    confirm_link_days: int = 7
    unconfirmed_kept_days: int = 30
