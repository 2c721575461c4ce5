import { readFileSync } from 'node:fs';

/** The Worker as it is deployed, and the one of this machine, whose runtime has no jurisdictions. */
type WorkerKind = 'production' | 'local';

/** The text of a Worker, one module, which `npm run build` makes. */
export const workerScript = (kind: WorkerKind): string =>
  readFileSync(new URL(`./worker/${kind}.bundle.js`, import.meta.url), 'utf8');
