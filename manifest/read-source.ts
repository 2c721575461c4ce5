import { type FileHandle, open, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { RingfenceError } from '../core/errors.js';
import { invalidManifest } from './parse.js';

/** A manifest above this size is refused before it is read. */
const MAX_MANIFEST_BYTES = 1_048_576;

/** The text of a manifest. Throws `tenant_not_found`, `permission_denied` or `manifest_invalid`. */
export async function readSource(path: string): Promise<string> {
  const shown = displayPath(path);
  let file: FileHandle | undefined;
  try {
    const facts = await stat(path);
    if (facts.isDirectory()) throw invalidManifest([`${shown}: is a folder; allowed: a manifest file`]);
    if (!facts.isFile()) throw invalidManifest([`${shown}: is not a regular file; allowed: a manifest file`]);
    file = await open(path, 'r');
    // Only what is read is looked at: zeroing a megabyte for each of a thousand manifests takes longer than reading.
    const bytes = Buffer.allocUnsafe(MAX_MANIFEST_BYTES + 1);
    const { bytesRead } =
      facts.size > MAX_MANIFEST_BYTES ? { bytesRead: bytes.length } : await file.read(bytes, 0, bytes.length);
    if (bytesRead > MAX_MANIFEST_BYTES) {
      throw invalidManifest([`${shown}: is ${facts.size} bytes; allowed: at most ${MAX_MANIFEST_BYTES}`]);
    }
    return decode(bytes.subarray(0, bytesRead), shown);
  } catch (error) {
    throw translate(error, shown);
  } finally {
    await file?.close();
  }
}

function decode(bytes: Uint8Array, shown: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidManifest([`${shown}: is not UTF-8; allowed: text saved as UTF-8`], error);
  }
}

function translate(error: unknown, shown: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (error instanceof RingfenceError) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new RingfenceError('tenant_not_found', `${shown}: no such manifest`, {
      fix: 'check the name, or make the tenant with ringfence tenants add',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new RingfenceError('permission_denied', `${shown}: may not be read`, {
      fix: 'let this user read the file',
      cause: error,
    });
  }
  return invalidManifest([`${shown}: cannot be read (${String(code ?? 'unknown failure')})`], error);
}

/** The path as a message shows it: relative to the working directory where the file is below it. */
export function displayPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}
