"""Words: courses and messages as files, rendered once for everyone, with marks for what is personal."""
