import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';
import type { Context } from '../../terminal/context.js';

/** `ringfence erasures verify <certificate.json> [--public-key <base64>]` */
export const erasuresVerify = defineCommand({
  name: 'verify',
  description: 'verify the signature of a certificate; exit status 5 when it was changed',
  arguments: ['<certificate.json>'],
  options: {
    publicKey: { value: '<base64>', description: "the issuer's; this project's own when left out" },
  },
  run: async (context, options, file) => {
    const { projectPublicKey } = await import('../../../control-plane/erasure/certify.js');
    const { fingerprint, verifyCertificate } = await import(
      '../../../data-plane/erasure/sign-certificate.js'
    );
    const path = resolve(context.terminal.cwd, file);
    if (!existsSync(path)) throw new RingfenceError('usage', `there is no file ${path}`);
    const own = await hasSigningKey(context);
    const trusted = options.publicKey ?? (own ? projectPublicKey(context.project) : undefined);
    const certificate = verifyCertificate(readFileSync(path, 'utf8'), trusted);
    const key = fingerprint(certificate.publicKey);
    const whose =
      trusted === undefined ? 'not known here: compare it with the one of the issuer' : 'as expected';
    context.result({ ...certificate, verified: true, keyIsTrusted: trusted !== undefined }, () =>
      table(
        ['', `certificate ${certificate.id}`],
        [
          ['signature', 'holds: nothing was changed'],
          ['signed by', `${key} (${whose})`],
          ['tenant', certificate.tenantId],
          ['asked for', `${certificate.requestedAt}: ${certificate.reason}`],
          ['use stopped', certificate.useStoppedAt],
          ['key destroyed', certificate.keyDestroyedAt],
          ['last copy of the key', certificate.keyCopiesGoneAt],
          ['looked for', `${certificate.checks.length} things, nothing found`],
        ],
      ),
    );
  },
});

/** Whether this project has the key that it signs with, which is brought back where it is lost. */
const hasSigningKey = async (context: Context): Promise<boolean> => {
  const { signingKeyFile } = await import('../../../control-plane/control-backup/signing-key.js');
  const { bringSigningKey } = await import('../../../control-plane/erasure/certify.js');
  const isThere = () => existsSync(signingKeyFile(context.project));
  if (!isThere() && !(await isFresh(context))) await withRuntime(context, bringSigningKey);
  return isThere();
};
