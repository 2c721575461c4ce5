import { defineCommand } from '../../command/define-command.js';
import { bringBackSigningKey } from '../../runtime/signing-key.js';

export const erasuresPublicKey = defineCommand({
  name: 'public-key',
  description: 'the key that certificates are verified with, to give out',
  options: {
    new: { description: 'where the key that signed before is lost: sign with a new one from now on' },
  },
  view: async () => (await import('../../../control-plane/erasure/views.js')).issuerKeyView,
  run: async (context, options) => {
    const { issuerKey } = await import('../../../control-plane/erasure/check-certificate.js');
    await bringBackSigningKey(context, { mayBeNew: options.new === true });
    const key = issuerKey(context.project);
    context.result(key, () => `${key.publicKey}\n`);
  },
});
