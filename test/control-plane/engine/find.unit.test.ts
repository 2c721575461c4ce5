import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineCache } from '../../../control-plane/engine/cache.js';
import { findEngine } from '../../../control-plane/engine/find.js';
import { ENGINE_VERSION, incompatibility } from '../../../control-plane/engine/version.js';
import { fakePulumi, openScene, type Scene, script } from './scene.js';

let scene: Scene;
beforeEach(() => {
  scene = openScene();
});
afterEach(() => scene.remove());

const find = (env: NodeJS.ProcessEnv = {}) => findEngine({ ...scene, env: { ...scene.env, ...env } });
const cached = () => fakePulumi(engineCache(scene.project, scene.env).binary, ENGINE_VERSION);

describe('the order of the search', () => {
  it('finds nothing on an empty machine, and leaves no trace', async () => {
    expect(await find()).toBeUndefined();
    expect(scene.lines).toEqual([]);
  });

  it('takes the cache, then PATH before it, then RINGFENCE_PULUMI before both', async () => {
    const inCache = cached();
    expect(await find()).toEqual({ path: inCache, version: ENGINE_VERSION, source: 'cache' });
    const onPath = fakePulumi(join(scene.bin, 'pulumi'), '3.250.1');
    expect(await find()).toEqual({ path: onPath, version: '3.250.1', source: 'path' });
    const named = fakePulumi(join(scene.dir, 'mine'), '3.231.0');
    expect(await find({ RINGFENCE_PULUMI: named })).toEqual({
      path: named,
      version: '3.231.0',
      source: 'env',
    });
  });

  it('resolves a relative RINGFENCE_PULUMI', async () => {
    const named = fakePulumi(join(scene.dir, 'mine'), ENGINE_VERSION);
    expect(await find({ RINGFENCE_PULUMI: relative(process.cwd(), named) })).toMatchObject({ path: named });
  });

  it('tells how the cached engine came to be', async () => {
    cached();
    const record = { version: ENGINE_VERSION, origin: 'download', installedAt: '2026-11-21T10:00:00.000Z' };
    const { folder } = engineCache(scene.project, scene.env);
    writeFileSync(join(folder, 'engine.json'), JSON.stringify(record));
    expect(await find()).toMatchObject({ source: 'cache', origin: 'download' });
  });

  it('looks for the cache where RINGFENCE_ENGINE_CACHE says', async () => {
    const shared = join(scene.dir, 'shared');
    const path = fakePulumi(join(shared, ENGINE_VERSION, 'pulumi'), ENGINE_VERSION);
    expect(await find({ RINGFENCE_ENGINE_CACHE: shared })).toMatchObject({ path, source: 'cache' });
  });
});

describe('RINGFENCE_PULUMI that is set and broken', () => {
  it.each([
    ['does not exist', () => join(scene.dir, 'nowhere'), /not an executable file/],
    ['is a folder', () => scene.bin, /not an executable file/],
    ['fails', () => script(join(scene.dir, 'p'), 'echo "no licence" >&2; exit 3'), /no licence/],
    ['prints something else', () => script(join(scene.dir, 'p'), 'echo hello'), /printed no version: hello/],
    ['is too old', () => fakePulumi(join(scene.dir, 'p'), '3.100.0'), /3\.100\.0.*3\.230\.0 or newer/],
    ['has another major', () => fakePulumi(join(scene.dir, 'p'), '4.0.0'), /4\.0\.0.*drives Pulumi 3/],
  ])('is an error when it %s, even with an engine in the cache', async (_, make, reason) => {
    cached();
    await expect(find({ RINGFENCE_PULUMI: make() })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringMatching(reason),
      fix: expect.stringContaining('unset it'),
    });
  });
});

describe('an engine that cannot be used', () => {
  it('on PATH is passed over, with the reason', async () => {
    const old = fakePulumi(join(scene.bin, 'pulumi'), '3.229.9');
    const inCache = cached();
    expect(await find()).toMatchObject({ path: inCache });
    expect(scene.lines).toEqual([
      `Passing over ${old}: it is version 3.229.9, and Ringfence needs 3.230.0 or newer`,
    ]);
  });

  it('in the cache is passed over when it does not run', async () => {
    const { folder, binary } = engineCache(scene.project, scene.env);
    mkdirSync(folder, { recursive: true });
    writeFileSync(binary, 'cut short');
    expect(await find()).toBeUndefined();
  });

  it('in the cache is passed over when it is another version', async () => {
    const { binary } = engineCache(scene.project, scene.env);
    fakePulumi(binary, '3.245.0');
    expect(await find()).toBeUndefined();
    expect(scene.lines).toEqual([`Passing over ${binary}: it does not run as ${ENGINE_VERSION}`]);
  });
});

describe('incompatibility', () => {
  it.each(['3.230.0', ENGINE_VERSION, '3.999.0'])('accepts %s', (version) => {
    expect(incompatibility(version)).toBeUndefined();
  });
  it.each(['2.25.0', '3.229.99', '3.230.0-alpha.1', '4.0.0'])('refuses %s', (version) => {
    expect(incompatibility(version)).toContain(version);
  });
});
