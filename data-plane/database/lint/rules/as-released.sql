-- Whatever else of the cell's defences is not as this release made it.
SELECT d.kind || ' ' || d.object AS object, d.problem, 'ringfence cells repair <cell>' AS fix
  FROM ringfence_private.differences() d
