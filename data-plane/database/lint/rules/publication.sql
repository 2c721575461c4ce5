-- Logical decoding knows no policies: a publication of tenant tables is filtered by clinic_id.
SELECT quote_ident(p.pubname) AS object, 'publishes all tables, every clinic''s rows' AS problem,
       format('DROP PUBLICATION %I;', p.pubname) AS fix
  FROM pg_publication p WHERE p.puballtables
UNION ALL
SELECT quote_ident(p.pubname), format('publishes every table of the schema %s, unfiltered', s.name),
       format('ALTER PUBLICATION %I DROP TABLES IN SCHEMA %s;', p.pubname, s.name)
  FROM pg_publication p
  JOIN pg_publication_namespace pn ON pn.pnpubid = p.oid
  JOIN user_schema s ON s.oid = pn.pnnspid
 WHERE EXISTS (SELECT FROM tenant_family t WHERE t.relnamespace = s.oid)
UNION ALL
SELECT quote_ident(p.pubname), format('publishes %s without a filter on clinic_id', t.name),
       format('ALTER PUBLICATION %I DROP TABLE %s;', p.pubname, t.name)
  FROM pg_publication p
  JOIN pg_publication_rel pr ON pr.prpubid = p.oid
  JOIN tenant_family t ON t.oid = pr.prrelid
 WHERE coalesce(pg_get_expr(pr.prqual, pr.prrelid), '') !~ '\mclinic_id\M'
