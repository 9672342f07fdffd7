"""What a text message that came in means: by rules, in English and Spanish, pure. ``docs/replies.md`` tells more."""

from engage.domain.replies.classifier import classify
from engage.domain.replies.reading import INTENTS, Intent, Reading

__all__ = ["INTENTS", "Intent", "Reading", "classify"]
