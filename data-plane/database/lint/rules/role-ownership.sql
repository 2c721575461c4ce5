-- An owner may drop policies, grant rights and write triggers.
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS object,
       format('owned by %s, a role of applications', r.name) AS problem,
       format('REASSIGN OWNED BY %s TO ringfence_owner;', r.name) AS fix
  FROM pg_shdepend d JOIN grantee r ON r.oid = d.refobjid
 WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
   AND d.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
