"""Engage: the right message, once, at a decent hour, to someone who agreed."""

__version__ = "0.1.0"
