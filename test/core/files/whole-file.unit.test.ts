import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSecretFile, readSecretFile, replaceSecretFile } from '../../../core/files/secret-file.js';
import { createFile, replaceFile } from '../../../core/files/whole-file.js';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-whole-'));
  path = join(folder, 'file.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

const modeOf = (file: string): number => statSync(file).mode & 0o777;

describe('a file that is written whole', () => {
  it('replaces another, in its mode whatever the process masks', () => {
    replaceFile(path, 'old');
    const mask = process.umask(0o077);
    try {
      replaceFile(path, Buffer.from('new'), { mode: 0o644, durable: true });
    } finally {
      process.umask(mask);
    }
    expect([readFileSync(path, 'utf8'), modeOf(path)]).toEqual(['new', 0o644]);
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('is created never over another', () => {
    expect([createFile(path, 'first', { durable: true }), createFile(path, 'second')]).toEqual([true, false]);
    expect(readFileSync(path, 'utf8')).toBe('first');
    expect(readdirSync(folder)).toEqual(['file.json']);
  });

  it('leaves nothing where it cannot be placed', () => {
    expect(() => replaceFile(folder, 'text')).toThrow();
    expect(() => replaceFile(join(path, 'below'), 'text')).toThrow();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes the drafts of killed runs away, and of no running one', () => {
    const [killed, running] = [`.file.json.a.${2 ** 22 + 1}.draft`, `.file.json.b.${process.pid}.draft`];
    for (const draft of [killed, running]) writeFileSync(join(folder, draft), 'secret');
    replaceFile(path, 'text');
    expect(readdirSync(folder).sort()).toEqual([running, 'file.json']);
  });
});

describe('a secret file', () => {
  it('is for its owner alone, and is made with its folder', () => {
    const secret = join(folder, 'below', 'secret');
    expect(createSecretFile(secret, 'one')).toBe('one');
    expect(createSecretFile(secret, 'two')).toBe('one');
    replaceSecretFile(secret, 'three');
    expect([readSecretFile(secret), modeOf(secret)]).toEqual(['three', 0o600]);
  });
});
