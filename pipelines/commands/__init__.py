"""The commands, a module for each group; what is heavy is imported where it is needed."""
