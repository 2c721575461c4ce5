import type { Register } from '../register.js';

/** `ringfence erasures ...`. */
export const registerErasures: Register = (program, on) => {
  const erasures = program
    .command('erasures')
    .description('what was asked to be erased, and its certificates');
  on(
    erasures.command('list').description('every erasure, newest first; an erased tenant by its id'),
    async () => (await import('../commands/erasures.js')).erasuresList,
  );
  on(
    erasures
      .command('verify <certificate.json>')
      .description('verify the signature of a certificate; exit status 5 when it was changed')
      .option('--public-key <base64>', "the issuer's; this project's own when left out"),
    async () => (await import('../commands/erasures.js')).erasuresVerify,
  );
  on(
    erasures
      .command('public-key')
      .description('the key that certificates are verified with, to give out')
      .option('--new', 'where the key that signed before is lost: sign with a new one from now on'),
    async () => (await import('../commands/erasures.js')).erasuresPublicKey,
  );
};
