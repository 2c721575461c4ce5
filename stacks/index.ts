import { join, resolve } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import { RingfenceError } from '../core/errors.js';
import { cellSchemaHash } from '../data-plane/database/schema-hash.js';
import { writeLocalPasswords } from '../data-plane/database/server/local-passwords.js';
import { localServerLogin } from '../data-plane/database/server/local-server.js';
import { cellDir as cellDirIn } from '../targets/cell-dir.js';
import { providerElsewhere } from '../targets/index.js';
import { cellProgram } from './programs/cell.js';
import { tenantProgram } from './programs/tenant.js';
import { readStackInputs } from './stack-inputs.js';

// The entry of Pulumi.yaml: runs the program that a stack was deployed with, under plain `pulumi`.

const root = process.env.RINGFENCE_PROJECT ?? process.cwd();
const home = resolve(root, process.env.RINGFENCE_HOME ?? '.ringfence');
const inputs = readStackInputs(join(home, 'workspace', 'stacks', pulumi.getStack()));
const cellDir = cellDirIn(home, inputs.cell);
const elsewhere = providerElsewhere(cellDir);
if (elsewhere !== undefined) {
  throw new RingfenceError(
    'config_invalid',
    `cell ${inputs.cell} is on ${elsewhere}, whose password only ringfence asks for`,
    {
      fix: 'use `ringfence cells up` and `ringfence tenants apply` for it',
    },
  );
}
const { user } = localServerLogin(cellDir);
// A shell may name the file since before this cell was there, or listened where it does now.
writeLocalPasswords(home);

const program =
  inputs.kind === 'cell'
    ? cellProgram({
        ...inputs,
        server: { kind: 'local', port: inputs.port ?? undefined },
        admin: { user },
        schemaHash: cellSchemaHash(),
      })
    : tenantProgram({ ...inputs, cellIsUp: true });

export default program();
