"""The Racing API in Postgres or DuckDB: declared tables, dlt sources, three modes."""
