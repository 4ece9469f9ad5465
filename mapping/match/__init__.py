"""Who is who: whether two records are one person, why, and how sure that is."""
