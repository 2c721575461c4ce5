import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, describe, expect, it } from 'vitest';
import type { RingfenceError } from '../../../../core/errors.js';
import { readIdentities } from '../../../../data-plane/transfer/age/identities.js';
import { readRecipients } from '../../../../data-plane/transfer/age/recipients.js';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-age-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = await generateIdentity();
const hybridSecret = await generateHybridIdentity();
const recipient = await identityToRecipient(secret);
const other = await identityToRecipient(await generateIdentity());

const file = (text: string, mode = 0o600): string => {
  const path = join(folder, `${Math.random()}.txt`);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
};

const everythingOf = (error: RingfenceError): string =>
  JSON.stringify([error.message, error.fix, error.stack, String(error.cause)]);

describe('Recipients', () => {
  it('come from options and files, each once', async () => {
    const path = file(`# of the clinic\n\n${other}\r\n  ${recipient}\n`);
    expect((await readRecipients([recipient, recipient], [path]))?.keys).toEqual([recipient, other]);
    expect(await readRecipients([], [])).toBeUndefined();
  });

  it.each([
    ['a secret key', secret, /SECRET/],
    ['a secret key in small letters', secret.toLowerCase(), /SECRET/],
    ['a secret key with something around it', `" ${secret}"`, /SECRET/],
    ['a post-quantum secret key', hybridSecret, /SECRET/],
    ['a typing error', recipient.replace(/.$/, (last) => (last === 'q' ? 'p' : 'q')), /no public key/],
    ['half a key', recipient.slice(0, 40), /no public key/],
    ['a point of low order', `age1${'q'.repeat(52)}5cu47z`, /no public key/],
    ['an SSH key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJxY2xpbmlj', /no public key/],
    ['nothing', '', /no public key/],
  ])('are not %s, which is not repeated', async (_, text, message) => {
    const error: RingfenceError = await readRecipients([other, text], []).then(
      () => expect.unreachable(),
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
    if (text !== '') expect(everythingOf(error)).not.toContain(text.slice(-30));
  });

  it('of a file are named by their line', async () => {
    const path = file(`${other}\n# public key: ${recipient}\n${secret}\n`);
    const error: RingfenceError = await readRecipients([], [path]).catch((reason) => reason);
    expect(error.message).toContain(`${path}:3 is a SECRET key`);
    expect(everythingOf(error)).not.toContain(secret);
    await expect(readRecipients([], [file('# none\n')])).rejects.toThrow('has no recipient');
    await expect(readRecipients([], [join(folder, 'nowhere')])).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('A file of identities', () => {
  it('is one as age-keygen writes it', () => {
    expect(() => readIdentities(file(`# created: x\n# public key: ${recipient}\n${secret}\n`))).not.toThrow();
  });

  it.each([
    ['has no key', '# nothing\n', /has no secret key/],
    ['has a public key', recipient, /:1 is no secret key/],
    ['has a broken key', `# x\n${secret.slice(0, -1)}`, /:2 is no secret key/],
    ['is encrypted', 'age-encryption.org/v1\n-> scrypt x 18\n', /encrypted itself/],
  ])('that %s is refused, and not repeated', (_, text, message) => {
    try {
      readIdentities(file(text));
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'usage', message: expect.stringMatching(message) });
      expect(everythingOf(error as RingfenceError)).not.toContain(secret.slice(0, -1));
    }
  });

  it('that others may read is refused', () => {
    expect(() => readIdentities(file(secret, 0o644))).toThrow(/others may read/);
    expect(() => readIdentities(join(folder, 'nowhere'))).toThrow(/there is no/);
  });
});
