"""What a vendor package is built from. A vendor package imports this and nothing else of ours."""
