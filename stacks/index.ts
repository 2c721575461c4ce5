import { join, resolve } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { RingfenceError } from '../core/errors.js';
import { cellSchemaHash } from '../data-plane/database/schema-hash.js';
import { writeLocalPasswords } from '../data-plane/database/server/local-passwords.js';
import { localServerLogin } from '../data-plane/database/server/local-server.js';
import { cellDir } from '../targets/cell-dir.js';
import { DEFAULT_PLACE, providerElsewhere, targetOf } from '../targets/index.js';
import { cellProgram } from './programs/cell.js';
import { tenantProgram } from './programs/tenant.js';
import { readStackInputs } from './stack-inputs.js';

// The entry of Pulumi.yaml: runs the program that a stack was deployed with, under plain `pulumi`.

const root = process.env.RINGFENCE_PROJECT ?? process.cwd();
const home = resolve(root, process.env.RINGFENCE_HOME ?? '.ringfence');
const inputs = readStackInputs(join(home, 'workspace', 'stacks', pulumi.getStack()));
const cells = inputs.kind === 'cell' ? [inputs.cell] : inputs.placements.map(({ cell }) => cell);
for (const cell of cells) {
  const elsewhere = providerElsewhere(cellDir(home, cell));
  if (elsewhere === undefined) continue;
  throw new RingfenceError(
    'config_invalid',
    `cell ${cell} is on ${elsewhere}, whose password only ringfence asks for`,
    {
      fix: 'use `ringfence cells up` and `ringfence tenants apply` for it',
    },
  );
}
// The shell may have got the file before this cell was there, or before it listened at its present address.
writeLocalPasswords(home);

const program =
  inputs.kind === 'cell'
    ? cellProgram({
        ...inputs,
        server: { kind: 'local', port: inputs.port ?? undefined },
        admin: { user: localServerLogin(cellDir(home, inputs.cell)).user },
        schemaHash: cellSchemaHash(),
        settings: targetOf(DEFAULT_PLACE).settings?.(inputs.size),
      })
    : tenantProgram({ ...inputs, cellIsUp: true });

export default program();
