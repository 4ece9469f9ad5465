"""Doorbells, sweeper and schedules: who calls the engine, and when."""
