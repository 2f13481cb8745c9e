"""The tables again from the archive, without API calls."""
