"""Published packages that do similar work, in an environment of their own, to be measured beside ours."""
