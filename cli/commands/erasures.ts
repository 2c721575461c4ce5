import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { signingKeyFile } from '../../control-plane/control-backup/signing-key.js';
import { bringSigningKey, projectPublicKey } from '../../control-plane/erasure/certify.js';
import { listErasures } from '../../control-plane/tenants/erasures.js';
import { RingfenceError } from '../../core/errors.js';
import { fingerprint, verifyCertificate } from '../../data-plane/erasure/sign-certificate.js';
import { table } from '../print/table.js';
import { isFresh, withRuntime } from '../runtime/with-runtime.js';
import type { Context } from '../terminal/context.js';

/** `ringfence erasures list` */
export const erasuresList = async (context: Context): Promise<void> => {
  const erasures = await withRuntime(context, ({ control }) => listErasures(control));
  context.result(
    erasures.map(({ certificate: _, inventory: __, ...rest }) => rest),
    () =>
      table(
        ['erasure', 'tenant', 'state', 'asked for', 'due', 'finished', 'reason'],
        erasures.map((erasure) => [
          erasure.id,
          erasure.slug ?? erasure.tenantId,
          erasure.state,
          erasure.requestedAt.toISOString(),
          erasure.dueAt.toISOString(),
          erasure.finishedAt?.toISOString() ?? '-',
          erasure.reason,
        ]),
      ),
  );
};

/** `ringfence erasures verify <certificate.json> [--public-key <base64>]` */
export const erasuresVerify = async (
  context: Context,
  options: { publicKey?: string },
  file: string,
): Promise<void> => {
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
};

/** `ringfence erasures public-key` */
export const erasuresPublicKey = async (context: Context): Promise<void> => {
  await hasSigningKey(context);
  const publicKey = projectPublicKey(context.project);
  context.result({ publicKey, fingerprint: fingerprint(publicKey) }, () => `${publicKey}\n`);
};

/** Whether this project has the key that it signs with, which is brought back where it is lost. */
const hasSigningKey = async (context: Context): Promise<boolean> => {
  const isThere = () => existsSync(signingKeyFile(context.project));
  if (!isThere() && !(await isFresh(context))) await withRuntime(context, bringSigningKey);
  return isThere();
};
