"""Development on one machine: embedded servers, the supervisor behind ``make run`` and how to find it."""
