"""Plain ways of doing the same work, written as people usually write them, to be measured beside ours."""
