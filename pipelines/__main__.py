"""`python -m pipelines` is the `pipeline` command."""

from pipelines.cli.app import main

main()
