"""The Racing API over HTTP: its endpoints, and calls that are paced, retried and counted."""
