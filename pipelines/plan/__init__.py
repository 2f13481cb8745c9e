"""What a run fetches: modes, coverage, what a key includes, and an estimate of calls and time."""
