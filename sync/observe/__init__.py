"""What can be seen of a running hub from outside: logs, metrics, health and traces. No person."""
