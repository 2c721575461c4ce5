import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isObjectPlace, objectStores } from '../../../control-plane/project/object-stores.js';
import { openProject } from '../../../control-plane/project/project.js';

describe('where the objects of a project are', () => {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-objects-'));
  const project = openProject(root);
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('is its own folder, or the bucket of RINGFENCE_OBJECTS without its options', () => {
    expect(objectStores(project, {})).toMatchObject({ place: 'folder', lockDays: undefined });
    expect(objectStores(project, { RINGFENCE_OBJECTS: '' }).place).toBe('folder');
    expect(objectStores(project, { RINGFENCE_OBJECTS: 's3://copias/eu?lockDays=7' })).toMatchObject({
      place: 's3://copias/eu',
      lockDays: 7,
    });
  });

  it('is one store for a cell in a place, of the kind that the place names', () => {
    const { at } = objectStores(project, { RINGFENCE_OBJECTS: 's3://copias' });
    expect([at('folder', 'one').name, at('s3://copias', 'one').name, at('s3://older', 'one').name]).toEqual([
      'folder',
      's3',
      's3',
    ]);
    expect(at('s3://copias', 'one')).toBe(at('s3://copias', 'one'));
    expect(at('s3://copias', 'one')).not.toBe(at('s3://copias', 'two'));
  });

  it.each(['/var/backups', 'https://bucket/x', 's3:copias', 'folder'])('is not in %s', (setting) => {
    expect(() => objectStores(project, { RINGFENCE_OBJECTS: setting })).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: expect.stringContaining('is not of the form s3://<bucket>/<prefix>'),
      }),
    );
    expect(isObjectPlace(project, setting)).toBe(false);
  });

  it('is told from a folder of copies by its form', () => {
    expect(isObjectPlace(project, 's3://copias/eu')).toBe(true);
    expect(() => objectStores(project, {}).at('moon://base', 'one')).toThrow(
      expect.objectContaining({ code: 'config_invalid' }),
    );
  });
});
