-- The statements that give others the rights to tables and views of one schema (the first and the third
-- parameter) that they have to those of another (the second).
SELECT format(
    'GRANT %%s ON %%I.%%I TO %%s%%s',
    privilege_type,
    %s,
    made.relname,
    CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
)
FROM pg_class AS old
CROSS JOIN LATERAL aclexplode(old.relacl)
JOIN pg_class AS made ON made.relname = old.relname
WHERE old.relnamespace = CAST(%s AS regnamespace) AND made.relnamespace = CAST(%s AS regnamespace)
  AND old.relkind IN ('r', 'v') AND grantee <> old.relowner
