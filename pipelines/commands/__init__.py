"""The commands, one module per group; heavy imports happen where they are needed."""
