"""An operator's directory, read and checked."""
