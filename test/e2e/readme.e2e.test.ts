import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  filesBelow,
  names,
  openCliProject,
  prepareEngine,
} from '../support/cli.js';

const REPOSITORY = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8');
const COMMAND = 'npx ringfence ';

/** The commands of the README's working day, without their comments. */
const workingDay = (): string[] => {
  const block = /^## A working day\n+```sh\n(.*?)^```$/ms.exec(README)?.[1] ?? '';
  return block
    .split('\n')
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => line !== '');
};

describe('the README', () => {
  test('names the two commands of a fresh clone, and package.json has them', () => {
    const { scripts } = JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8'));
    for (const script of ['quickstart', 'test']) {
      const run = script === 'test' ? 'npm test' : `npm run ${script}`;
      expect(README).toMatch(new RegExp(`^\\$ ${run}\\b`, 'm'));
      expect(scripts).toHaveProperty(script);
    }
  });

  test('links, like the other documents, to files that are there', () => {
    const documents = [
      ...names(REPOSITORY)
        .filter((name) => name.endsWith('.md'))
        .map((name) => join(REPOSITORY, name)),
      ...filesBelow(join(REPOSITORY, 'docs')).filter((file) => file.endsWith('.md')),
    ];
    const links = documents.flatMap((document) =>
      [...readFileSync(document, 'utf8').matchAll(/\]\((?!\w+:|#)([^)#\s]+)[^)]*\)/g)].map(
        ([, target = '']) => ({
          document,
          target,
        }),
      ),
    );
    const broken = links.filter(({ document, target }) => !existsSync(join(dirname(document), target)));
    expect(links.length).toBeGreaterThan(3);
    expect(broken).toEqual([]);
  });
});

describe("the README's working day", () => {
  let project: CliProject;

  beforeAll(async () => {
    await prepareEngine();
    project = openCliProject();
    for (const name of names(join(REPOSITORY, 'tenants')).filter((file) => file.endsWith('.yaml')))
      copyFileSync(join(REPOSITORY, 'tenants', name), join(project.root, 'tenants', name));
  }, ENGINE_TIMEOUT_MS);
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  test('goes through from the first line to the last', async () => {
    const lines = workingDay();
    expect(lines.length).toBeGreaterThanOrEqual(10);
    for (const line of lines) {
      expect(line.startsWith(COMMAND), line).toBe(true);
      const { status, stderr } = await project.run(line.slice(COMMAND.length).split(/\s+/));
      expect([line, status, stderr.match(/error.*/)?.[0]]).toEqual([line, 0, undefined]);
    }
    expect(lines.at(-1)).toBe(`${COMMAND}cells down`);
    expect(project.servers().map(({ pid }) => pid)).toEqual(project.servers().map(() => undefined));
    process.stdout.write(`commands of the README that exit with 0: ${lines.length}\n`);
  });
});
