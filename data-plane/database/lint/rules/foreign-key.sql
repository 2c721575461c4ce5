-- A key on id alone points at other clinics' rows, finds out which exist, and cascades into them.
SELECT r.name AS object,
       format('the foreign key %I to %s does not lead with clinic_id on both sides', k.conname, t.name) AS problem,
       format('ALTER TABLE %s DROP CONSTRAINT %I;', r.name, k.conname) AS fix
  FROM pg_constraint k
  JOIN tenant_family r ON r.oid = k.conrelid
  JOIN tenant_family t ON t.oid = k.confrelid
  LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attname = 'clinic_id'
  LEFT JOIN pg_attribute b ON b.attrelid = t.oid AND b.attname = 'clinic_id'
 WHERE k.contype = 'f' AND k.conparentid = 0
   AND (k.conkey[1] IS DISTINCT FROM a.attnum OR k.confkey[1] IS DISTINCT FROM b.attnum)
