"""The crash suite: simulated vendors with faults, a hub that is killed, and a checker."""
