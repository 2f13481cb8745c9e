-- What the dataset (the parameter) has, the newest first, and how many comments on each table, view
-- and their columns.
SELECT relname, count(description)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
LEFT JOIN pg_description ON pg_description.objoid = pg_class.oid
WHERE nspname = %s
GROUP BY relname, pg_class.oid
ORDER BY pg_class.oid DESC
