"""The figures that a run has to reach, measured by hand with the real command line."""
