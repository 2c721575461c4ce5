-- A function that is marked LEAKPROOF runs on rows before the policy has chosen them.
SELECT f.name AS object, 'marked LEAKPROOF: it sees rows before the policy does' AS problem,
       format('ALTER FUNCTION %s NOT LEAKPROOF;', f.name) AS fix
  FROM routine f WHERE f.proleakproof
