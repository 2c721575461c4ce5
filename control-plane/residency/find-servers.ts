import { orUnknown, SERVER_PARTS, type ServerPart } from '../../core/whereabouts.js';
import { localWhereabouts } from '../../targets/local/whereabouts.js';
import type { Cell } from '../cells/store.js';
import { findKept } from '../erasure/kept-data.js';
import { CONTROL, controlDir } from '../project/control-database.js';
import type { Runtime } from '../runtime.js';
import type { Finding } from './finding.js';

/** Where the server of a cell is, part by part. */
export const findServer = async ({ target }: Runtime, { name, region }: Cell): Promise<Finding[]> => {
  const findings: Finding[] = [];
  for (const part of SERVER_PARTS) {
    const found = await orUnknown(`${part} of cell ${name}`, async () =>
      (await target.server(name)).whereabouts(part),
    );
    findings.push(...found.map((one) => ({ part, cell: name, declared: region, found: one })));
  }
  return findings;
};

/** Where the control database is, with everything of it that is kept beside it. It has every tenant's wrapped keys. */
export const findControlServer = async ({ project, controlServer }: Runtime): Promise<Finding[]> => {
  const findings: Finding[] = [];
  const ask = (part: ServerPart) =>
    controlServer
      ? orUnknown(`${part} of the control database`, () => controlServer.whereabouts(part))
      : localWhereabouts(controlDir(project), 'the control database', part);
  for (const part of SERVER_PARTS)
    for (const found of await ask(part))
      findings.push({
        part: 'control-database',
        cell: null,
        declared: controlServer?.place.region ?? null,
        found,
      });
  return findings;
};

/** Folders with a server's data that restores, or somebody by hand, kept aside: of these cells, the control database, or nobody knows of what. */
export const findKeptAside = async (
  { control, project }: Runtime,
  cells: readonly Cell[],
): Promise<Finding[]> =>
  (await findKept(control, project)).flatMap(({ owner, path, kind }) => {
    // It is where its instance is.
    if (kind === 'database') return [];
    const cell = cells.find(({ name }) => name === owner);
    if (owner !== null && owner !== CONTROL && !cell) return [];
    const found = {
      what: `data kept aside of ${owner ?? 'nobody knows what'}`,
      answer: 'here',
      evidence: path,
    } as const;
    return {
      part: owner === CONTROL ? 'control-database' : 'history',
      cell: cell?.name ?? null,
      declared: cell?.region ?? null,
      found,
    };
  });
