-- Whatever else of the cell's defences is not as this release made it.
SELECT d.kind || ' ' || d.object AS object, d.problem, 'ringfence cells repair <cell>' AS fix
  FROM ringfence_private.differences() d
UNION ALL
SELECT 'ringfence_private.release', 'the cell has lost what it remembered of its release, so nothing can be compared',
       'copy the table from another cell of this version and the same Postgres, then ringfence cells repair <cell>; no row is lost'
 WHERE NOT EXISTS (SELECT FROM ringfence_private.release)
