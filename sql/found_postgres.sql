-- Tables and views of the dataset (the parameter), newest first, with the number of comments on each and
-- its columns.
SELECT relname, count(description)
FROM pg_class
JOIN pg_namespace ON pg_namespace.oid = pg_class.relnamespace
LEFT JOIN pg_description ON pg_description.objoid = pg_class.oid
WHERE nspname = %s
GROUP BY relname, pg_class.oid
ORDER BY pg_class.oid DESC
