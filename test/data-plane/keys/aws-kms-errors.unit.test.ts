import { describe, expect, it } from 'vitest';
import { RingfenceError } from '../../../core/errors.js';
import { translateKmsError } from '../../../data-plane/keys/aws-kms-errors.js';

const named = (name: string): Error => Object.assign(new Error('details of AWS'), { name });

describe('A failure of AWS KMS', () => {
  it.each([
    ['AccessDeniedException', 'key_access_denied'],
    ['DisabledException', 'key_access_denied'],
    ['KMSInvalidStateException', 'key_access_denied'],
    ['ExpiredTokenException', 'key_access_denied'],
    ['CredentialsProviderError', 'key_access_denied'],
    ['NotFoundException', 'key_not_found'],
    ['InvalidCiphertextException', 'envelope_refused'],
    ['IncorrectKeyException', 'envelope_refused'],
    ['ThrottlingException', 'kms_unavailable'],
    ['KMSInternalException', 'kms_unavailable'],
    ['TimeoutError', 'kms_unavailable'],
  ])('%s is %s, with a fix and the cause', (name, code) => {
    const error = translateKmsError(named(name));
    expect(error).toMatchObject({
      code,
      fix: expect.stringMatching(/\w/),
      cause: expect.objectContaining({ name }),
    });
    expect(error.message).not.toContain('details of AWS');
  });

  it('stays what it is when it is named already, and is unavailable when unknown', () => {
    const ours = new RingfenceError('key_not_found', 'none');
    expect(translateKmsError(ours)).toBe(ours);
    expect(translateKmsError('odd').code).toBe('kms_unavailable');
  });
});
