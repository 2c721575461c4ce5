-- The tables of some schemas, each with its columns in their order; what the server computes is not among them.
SELECT format('%I.%I', n.nspname, c.relname) AS name,
       coalesce(array_agg(quote_ident(a.attname) ORDER BY a.attname) FILTER (WHERE a.attgenerated = ''), '{}') AS columns
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE n.nspname = ANY ($1) AND c.relkind = 'r'
 GROUP BY 1
 ORDER BY 1
