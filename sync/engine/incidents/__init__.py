"""Incidents: what needs a person is noticed once, told once to everybody who asked, and its end."""
