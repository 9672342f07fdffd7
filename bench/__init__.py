"""How fast the service is beside plain ways of doing the same, measured in one run on one machine."""
