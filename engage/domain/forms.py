"""What a form can be refused for."""

from __future__ import annotations


class InvalidInput(Exception):
    """Input that a person can mend. ``errors`` maps the field's name to a sentence."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(f"invalid: {', '.join(sorted(errors))}")
        self.errors = errors


class ChangedMeanwhile(Exception):
    """Somebody else changed the thing after the page was made that this form comes from."""
