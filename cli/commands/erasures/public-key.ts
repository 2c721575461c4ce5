import { defineCommand } from '../../command/define-command.js';
import { bringBackSigningKey } from '../../runtime/signing-key.js';

export const erasuresPublicKey = defineCommand({
  name: 'public-key',
  description: 'the key that certificates are verified with, to give out',
  run: async (context) => {
    const { issuerKey } = await import('../../../control-plane/erasure/check-certificate.js');
    await bringBackSigningKey(context);
    const key = issuerKey(context.project);
    context.result(key, () => `${key.publicKey}\n`);
  },
});
