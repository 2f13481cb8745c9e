"""What a database has and lacks: state, health, coverage, and a doctor for everything around it."""
