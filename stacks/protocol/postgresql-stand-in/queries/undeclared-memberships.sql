-- Statements that take from role $1 every membership but those in the roles $2, whoever granted it (told apart from
-- Postgres 16 on), and what the role passed on.
SELECT format('REVOKE %I FROM %I%s CASCADE', pg_get_userbyid(m.roleid), pg_get_userbyid(m.member),
              CASE WHEN current_setting('server_version_num')::int >= 160000
                   THEN format(' GRANTED BY %I', pg_get_userbyid(m.grantor)) ELSE '' END) AS statement
  FROM pg_auth_members m
 WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = $1)
   AND pg_get_userbyid(m.roleid) <> ALL ($2::text[])
