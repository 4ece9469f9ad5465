"""The contract every connector passes, here and in a plugin's own repository."""
