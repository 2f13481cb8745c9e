"""The commands, one module each, and what they print; heavy imports wait until they are needed."""
