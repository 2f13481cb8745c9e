"""Faults from outside (a misbehaving server, a killer) and the judges of what they leave behind."""
