import { existsSync } from 'node:fs';
import { defineCommand } from '../../command/define-command.js';
import { isFresh, withRuntime } from '../../runtime/with-runtime.js';
import type { Context } from '../../terminal/context.js';

/** `ringfence erasures public-key` */
export const erasuresPublicKey = defineCommand({
  name: 'public-key',
  description: 'the key that certificates are verified with, to give out',
  run: async (context) => {
    const { projectPublicKey } = await import('../../../control-plane/erasure/certify.js');
    const { fingerprint } = await import('../../../data-plane/erasure/sign-certificate.js');
    await hasSigningKey(context);
    const publicKey = projectPublicKey(context.project);
    context.result({ publicKey, fingerprint: fingerprint(publicKey) }, () => `${publicKey}\n`);
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
