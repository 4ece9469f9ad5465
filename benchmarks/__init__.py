"""The bench: the hub's whole pipeline beside floors and peers, measured in the same run."""
