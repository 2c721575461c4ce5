-- Policies do not hold for TRUNCATE, REFERENCES and TRIGGER; MAINTAIN (17) locks the table for everybody.
SELECT r.name AS object,
       format('%s has %s, which row-level security does not cover', g.name, a.privilege_type) AS problem,
       format('REVOKE %s ON %s FROM %s;', a.privilege_type, r.name, g.name) AS fix
  FROM relation r
  CROSS JOIN aclexplode(r.relacl) a
  JOIN grantee g ON g.oid = a.grantee
 WHERE a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN') AND r.relkind <> 'S'
