import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadEngine } from '../../../control-plane/engine/download.js';
import { ensureEngine } from '../../../control-plane/engine/ensure.js';
import { type FetchTimeouts, fetchText } from '../../../control-plane/engine/fetch-file.js';
import { ENGINE_VERSION } from '../../../control-plane/engine/version.js';
import { countingMaker, fakePulumi, openScene, type Scene, script } from './scene.js';

const ARCHIVE = `pulumi-v${ENGINE_VERSION}-${process.platform}-${process.arch}.tar.gz`;
const SUMS = `pulumi-${ENGINE_VERSION}-checksums.txt`;

let scene: Scene;
let server: Server | undefined;
beforeEach(() => {
  scene = openScene();
});
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((done) => (server ? server.close(done) : done(undefined)));
  server = undefined;
  scene.remove();
});

/** An archive in the form of the official one: everything below `pulumi/`. */
const archive = (version = ENGINE_VERSION): Buffer => {
  fakePulumi(join(scene.dir, 'release', 'pulumi', 'pulumi'), version);
  script(join(scene.dir, 'release', 'pulumi', 'pulumi-language-nodejs'), 'exit 0');
  const file = join(scene.dir, 'release.tar.gz');
  execFileSync('tar', ['-czf', file, '-C', join(scene.dir, 'release'), 'pulumi']);
  return readFileSync(file);
};

const sumsFor = (body: Buffer, name = ARCHIVE): string =>
  `${'0'.repeat(64)}  another-file.zip\n${createHash('sha256').update(body).digest('hex')}  ${name}\n`;

const serve = async (answer: RequestListener): Promise<string> => {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((done) => started.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/releases/`;
};

/** Serves a path -> body table; everything else is 404. */
const serveFiles = (files: Record<string, Buffer | string>) =>
  serve((request, response) => {
    const body = files[request.url?.replace('/releases/', '') ?? ''];
    response.statusCode = body === undefined ? 404 : 200;
    response.end(body);
  });

const ensure = (url: string) => {
  const build = countingMaker();
  // tar is found on the real PATH; the scene's own has no pulumi and no go.
  const PATH = `${scene.bin}:/usr/bin:/bin`;
  return ensureEngine(
    { ...scene, env: { ...scene.env, PATH, RINGFENCE_ENGINE_URL: url } },
    { download: downloadEngine, build },
  );
};

describe('a download', () => {
  it('is checked, unpacked with what comes beside the engine, and cached', async () => {
    const body = archive();
    const engine = await ensure(await serveFiles({ [SUMS]: sumsFor(body), [ARCHIVE]: body }));
    expect(engine).toMatchObject({ version: ENGINE_VERSION, source: 'download' });
    expect(execFileSync(engine.path).toString()).toBe(`v${ENGINE_VERSION}\n`);
    expect(execFileSync(join(engine.path, '..', 'pulumi-language-nodejs')).toString()).toBe('');
    expect(scene.lines[0]).toMatch(/^Downloading the Pulumi engine 3\.246\.0 from http:/);
    expect(scene.lines.at(-1)).toMatch(/^Downloaded \d+ of \d+ MB$/);
  });

  const cases: [string, (body: Buffer) => Record<string, Buffer | string>, RegExp][] = [
    ['is not there', (body) => ({ [SUMS]: sumsFor(body) }), /HTTP 404/],
    ['has no list of checksums', (body) => ({ [ARCHIVE]: body }), /checksums\.txt: HTTP 404/],
    [
      'is not named in the list',
      (body) => ({ [SUMS]: sumsFor(body, 'x.tar.gz'), [ARCHIVE]: body }),
      /do not name/,
    ],
    [
      'has another checksum',
      (body) => ({ [SUMS]: sumsFor(Buffer.from('x')), [ARCHIVE]: body }),
      /has SHA-256 [0-9a-f]{64}, but/,
    ],
    ['is not an archive', () => ({ [SUMS]: sumsFor(Buffer.from('<html>')), [ARCHIVE]: '<html>' }), /tar/],
    [
      'holds another version',
      () => {
        const old = archive('3.245.0');
        return { [SUMS]: sumsFor(old), [ARCHIVE]: old };
      },
      /it is version 3\.245\.0/,
    ],
  ];
  it.each(cases)('that %s falls to the build, with the reason', async (_, files, reason) => {
    expect(await ensure(await serveFiles(files(archive())))).toMatchObject({ source: 'build' });
    expect(scene.lines.at(-1)).toMatch(/^The engine cannot be had by download: /);
    expect(scene.lines.at(-1)).toMatch(reason);
  });

  it('that is cut short falls to the build', async () => {
    const body = archive();
    const url = await serve((request, response) => {
      if (request.url?.endsWith('.txt')) return void response.end(sumsFor(body));
      response.writeHead(200, { 'content-length': body.length });
      response.write(body.subarray(0, 50), () => response.destroy());
    });
    expect(await ensure(url)).toMatchObject({ source: 'build' });
    expect(scene.lines.at(-1)).toMatch(/tar\.gz: .*(terminated|aborted|closed)/);
  });
});

it.each<[string, RequestListener, FetchTimeouts]>([
  ['never answers', () => undefined, { answerMs: 200, silenceMs: 60_000 }],
  ['falls silent', (_, response) => void response.write('abc'), { answerMs: 60_000, silenceMs: 200 }],
])('a server that %s is given up', async (_, answer, timeouts) => {
  const url = await serve(answer);
  await expect(fetchText(url, timeouts)).rejects.toThrow(`${url}: no answer for 0.2 s`);
});
