import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { RingfenceError } from '../../../core/errors.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { bringBackSigningKey } from '../../runtime/signing-key.js';

export const erasuresVerify = defineCommand({
  name: 'verify',
  description: 'verify the signature of a certificate; exit status 5 when it was changed',
  arguments: ['<certificate.json>'],
  options: {
    publicKey: { value: '<base64>', description: "the issuer's; this project's own when left out" },
  },
  view: async () => (await import('../../../control-plane/erasure/views.js')).checkedCertificateView,
  run: async (context, options, file) => {
    const { checkCertificate } = await import('../../../control-plane/erasure/check-certificate.js');
    const path = resolve(context.terminal.cwd, file);
    if (!statSync(path, { throwIfNoEntry: false })?.isFile())
      throw new RingfenceError('usage', `there is no file ${path}`);
    await bringBackSigningKey(context, { mayBeNew: true });
    const checked = checkCertificate(context.project, readFileSync(path, 'utf8'), options.publicKey);
    const { certificate, fingerprint, keyIsTrusted } = checked;
    const whose = keyIsTrusted ? 'as expected' : 'not known here: compare it with the one of the issuer';
    context.result({ ...certificate, verified: true, keyIsTrusted }, () =>
      table(
        ['', `certificate ${certificate.id}`],
        [
          ['signature', 'holds: nothing was changed'],
          ['signed by', `${fingerprint} (${whose})`],
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
