"""The destination: opening it, loading into it, asking it, and what its errors mean."""
