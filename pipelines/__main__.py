"""`python -m pipelines` is the `pipeline` command."""

from pipelines.cli import main

main()
