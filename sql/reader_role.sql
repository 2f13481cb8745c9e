-- For Postgres: a role that can read every table and view of this pipeline, and do nothing else; for
-- notebooks, dashboards and colleagues. Run it as the user that the pipeline connects with, if that user may
-- create roles, or as an administrator with FOR ROLE and that user after DEFAULT PRIVILEGES:
--     psql "$DESTINATION__POSTGRES__CREDENTIALS" -f sql/reader_role.sql
-- and give it to a person: CREATE ROLE alice LOGIN PASSWORD '...' IN ROLE racing_reader;
CREATE ROLE racing_reader NOLOGIN;
GRANT USAGE ON SCHEMA racing TO racing_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA racing TO racing_reader;
-- Views are recreated when their text changes, and later versions add tables.
ALTER DEFAULT PRIVILEGES IN SCHEMA racing GRANT SELECT ON TABLES TO racing_reader;
