import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildEngine } from '../../../control-plane/engine/build.js';
import { ENGINE_MODULE_DIR, findGo, neededGoVersion } from '../../../control-plane/engine/go-toolchain.js';
import { ENGINE_VERSION } from '../../../control-plane/engine/version.js';
import { openScene, type Scene, script } from './scene.js';

/** Answers `go env GOVERSION` and turns `go build` into a record of its arguments and environment. */
const FAKE_GO = `
if [ "$1" = env ]; then echo go1.99.2; exit 0; fi
echo "go: downloading example.org/module v1.0.0" >&2
echo example.org/module/package >&2
for last; do out="$previous"; previous="$last"; done
printf '%s\\n' "$PWD" "CGO_ENABLED=$CGO_ENABLED GOWORK=$GOWORK" "$@" > "$out.arguments"
printf '#!/bin/sh\\necho v${ENGINE_VERSION}\\n' > "$out"
/bin/chmod +x "$out"
`;

let scene: Scene;
beforeEach(() => {
  scene = openScene();
});
afterEach(() => scene.remove());

describe('buildEngine', () => {
  it('builds the pinned release reproducibly, inside the module that pins it', async () => {
    script(join(scene.bin, 'go'), FAKE_GO);
    await buildEngine({ ...scene, folder: scene.dir });
    const built = join(scene.dir, 'pulumi');
    expect(execFileSync(built, ['version']).toString()).toBe(`v${ENGINE_VERSION}\n`);
    const [cwd, settings, ...args] = readFileSync(`${built}.arguments`, 'utf8').trimEnd().split('\n');
    expect(cwd).toBe(ENGINE_MODULE_DIR);
    expect(settings).toBe('CGO_ENABLED=0 GOWORK=off');
    expect(args).toEqual(expect.arrayContaining(['build', '-v', '-trimpath', '-mod=readonly']));
    expect(args.join(' ')).toContain(`version.Version=v${ENGINE_VERSION}`);
    expect(scene.lines).toEqual([
      `Building the Pulumi engine ${ENGINE_VERSION} from its Go modules with Go 1.99.2; once, a few minutes`,
    ]);
  });

  it('keeps the last words of a compiler that fails, without the packages it compiled', async () => {
    script(
      join(scene.bin, 'go'),
      '[ "$1" = env ] && echo go1.99.2 && exit 0; echo example.org/ok >&2; echo "x.go:1:2: syntax error" >&2; exit 2',
    );
    const error = await buildEngine({ ...scene, folder: scene.dir }).catch((thrown) => thrown);
    expect(error.message).toBe('go build exited with 2: x.go:1:2: syntax error');
    expect(existsSync(join(scene.dir, 'pulumi'))).toBe(false);
  });
});

describe('the Go toolchain', () => {
  it('is undefined without go on PATH, and with one that does not run', async () => {
    expect(await findGo(scene.env)).toBeUndefined();
    script(join(scene.bin, 'go'), 'exit 1');
    expect(await findGo(scene.env)).toBeUndefined();
  });

  it('reports its own version when it may not fetch the one that is needed', async () => {
    script(
      join(scene.bin, 'go'),
      '[ "$GOTOOLCHAIN" = local ] && echo go1.22.4 && exit 0; echo "go.mod requires go" >&2; exit 1',
    );
    expect(await findGo(scene.env)).toMatchObject({ version: '1.22.4', sufficient: false });
  });

  it('is sufficient from the version that go.mod names', async () => {
    const needed = await neededGoVersion();
    script(join(scene.bin, 'go'), `echo go${needed}`);
    expect(await findGo(scene.env)).toMatchObject({ version: needed, needed, sufficient: true });
  });
});

it('the module pins the engine at the version of the npm SDK', () => {
  const mod = readFileSync(join(ENGINE_MODULE_DIR, 'go.mod'), 'utf8');
  expect(mod).toContain(`github.com/pulumi/pulumi/pkg/v3 v${ENGINE_VERSION}\n`);
  expect(mod).toContain(`github.com/pulumi/pulumi/sdk/v3 v${ENGINE_VERSION} `);
  const root = join(ENGINE_MODULE_DIR, '..', '..', '..');
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(dependencies['@pulumi/pulumi']).toBe(ENGINE_VERSION);
});
