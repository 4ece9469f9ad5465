"""Webhooks in, health out."""
