SELECT d.datname AS name,
       pg_get_userbyid(d.datdba)::text AS owner,
       pg_encoding_to_char(d.encoding)::text AS encoding,
       d.datcollate AS "lcCollate",
       d.datctype AS "lcCtype",
       t.spcname AS "tablespaceName",
       d.datconnlimit AS "connectionLimit",
       d.datallowconn AS "allowConnections",
       d.datistemplate AS "isTemplate"
  FROM pg_database d
  JOIN pg_tablespace t ON t.oid = d.dattablespace
 WHERE d.datname = $1
