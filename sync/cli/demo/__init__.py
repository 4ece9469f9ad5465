"""The demo: four simulated vendors, invented people between them, and the hub at work."""
