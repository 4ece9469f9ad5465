"""Whether an installation is well: one small function a check, and a line for each."""
