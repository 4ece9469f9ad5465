"""All SQL, a module per subject. Nothing here commits: the unit of work around it does."""
