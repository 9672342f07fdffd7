"""The parts of ``make bench``: each measures one thing and says what was asked for."""
