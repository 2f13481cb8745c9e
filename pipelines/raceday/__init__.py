"""A race day: today's and tomorrow's cards and today's results, every few minutes."""
