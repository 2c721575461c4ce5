import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { engineCache } from '../../../control-plane/engine/cache.js';
import { ensureEngine } from '../../../control-plane/engine/ensure.js';
import { ENGINE_VERSION } from '../../../control-plane/engine/version.js';
import { brokenMaker, countingMaker, fakePulumi, openScene, type Scene, script } from './scene.js';

/** No server listens there: the download fails at once, without leaving the machine. */
const UNREACHABLE_URL = 'http://127.0.0.1:9';

let scene: Scene;
beforeEach(() => {
  scene = openScene();
});
afterEach(() => scene.remove());

describe('obtaining the engine', () => {
  it('downloads it, records where it came from, and finds it the next time', async () => {
    const download = countingMaker();
    const makers = { download, build: brokenMaker('must not be asked') };
    const cache = engineCache(scene.project, scene.env);
    expect(await ensureEngine(scene, makers)).toEqual({
      path: cache.binary,
      version: ENGINE_VERSION,
      source: 'download',
      origin: 'download',
    });
    expect(JSON.parse(readFileSync(join(cache.folder, 'engine.json'), 'utf8'))).toMatchObject({
      origin: 'download',
      version: ENGINE_VERSION,
    });
    expect(await ensureEngine(scene, makers)).toMatchObject({ source: 'cache', origin: 'download' });
    expect(download.calls).toBe(1);
    expect(readdirSync(cache.root)).toEqual([ENGINE_VERSION]);
  });

  it('builds it when the download fails, and says why', async () => {
    const makers = { download: brokenMaker('no route to the host'), build: countingMaker() };
    expect(await ensureEngine(scene, makers)).toMatchObject({ source: 'build', origin: 'build' });
    expect(scene.lines).toEqual(['The engine cannot be had by download: no route to the host']);
  });

  it('refuses what a maker made when it is another version', async () => {
    const download = async ({ folder }: { folder: string }) => {
      fakePulumi(join(folder, 'pulumi'), '3.245.0');
    };
    expect(await ensureEngine(scene, { download, build: countingMaker() })).toMatchObject({
      source: 'build',
    });
    expect(scene.lines.join()).toContain(`it is version 3.245.0, not ${ENGINE_VERSION}`);
  });

  it('replaces a broken engine and the leftovers of an interrupted run', async () => {
    const cache = engineCache(scene.project, scene.env);
    mkdirSync(cache.folder, { recursive: true });
    writeFileSync(cache.binary, 'cut short');
    mkdirSync(`${cache.folder}.draft-abc`);
    const build = countingMaker();
    await ensureEngine(scene, { download: brokenMaker('offline'), build });
    expect(readdirSync(cache.root)).toEqual([ENGINE_VERSION]);
  });

  it('leaves nothing that looks like an engine when everything fails', async () => {
    const makers = { download: brokenMaker('offline'), build: brokenMaker('the compiler gave up') };
    await expect(ensureEngine(scene, makers)).rejects.toMatchObject({ code: 'engine_missing' });
    expect(readdirSync(engineCache(scene.project, scene.env).root)).toEqual([]);
  });

  it('is obtained once by many at a time', async () => {
    const build = countingMaker(300);
    const makers = { download: brokenMaker('offline'), build };
    const engines = await Promise.all(Array.from({ length: 4 }, () => ensureEngine(scene, makers)));
    expect(build.calls).toBe(1);
    expect(engines.map(({ source }) => source).sort()).toEqual(['build', 'cache', 'cache', 'cache']);
    expect(scene.lines.filter((line) => line.startsWith('Waiting for process'))).toHaveLength(3);
  });
});

describe('a machine where nothing works', () => {
  const ensure = () =>
    ensureEngine({ ...scene, env: { ...scene.env, RINGFENCE_ENGINE_URL: UNREACHABLE_URL } });

  it('without Go and without network: both reasons, and three ways out', async () => {
    const error = await ensure().catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'engine_missing', exitStatus: 4 });
    expect(error.message).toMatch(
      /not on this machine.*\n {2}download: .*127\.0\.0\.1:9.*\n {2}build: no Go on PATH \(1\.\d+\.\d+ or newer/,
    );
    expect(error.fix).toMatch(
      /RINGFENCE_PULUMI.*allow network access to get\.pulumi\.com.*install Go 1\.\d+\.\d+ or newer/,
    );
    expect(error.cause).toBeInstanceOf(AggregateError);
  });

  it('with a Go that is too old: says which and what is needed', async () => {
    script(join(scene.bin, 'go'), 'echo go1.19.8');
    await expect(ensure()).rejects.toThrow(/build: Go 1\.19\.8 is too old: 1\.\d+\.\d+ or newer is needed/);
  });

  it('with modules out of reach: what go said', async () => {
    script(
      join(scene.bin, 'go'),
      '[ "$1" = env ] && echo go1.99.0 && exit 0; echo "dial tcp: lookup proxy: no such host" >&2; exit 1',
    );
    await expect(ensure()).rejects.toThrow(/go build exited with 1: dial tcp: lookup proxy: no such host/);
  });
});

it.each([
  ['ENOSPC', 'disk_full'],
  ['EACCES', 'permission_denied'],
])('a cache that cannot be written (%s) is %s, and no reason to go on', async (code, expected) => {
  const download = async () => {
    throw Object.assign(new Error(code), { code });
  };
  const build = countingMaker();
  await expect(ensureEngine(scene, { download, build })).rejects.toMatchObject({
    code: expected,
    fix: expect.stringContaining('RINGFENCE_ENGINE_CACHE'),
  });
  expect(build.calls).toBe(0);
});
