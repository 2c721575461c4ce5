import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import ts from 'typescript';
import { cliPath } from '../../../support/cli.js';

const REPOSITORY = fileURLToPath(new URL('../../../../', import.meta.url));
/** Programs of the tests that run as processes of plain Node, which starts in half the time of a loader of TypeScript. */
const PROGRAMS = [
  'test/e2e/moves/matrix/mover.ts',
  'test/e2e/moves/writer.ts',
  'test/data-plane/access/token-maker.ts',
];
const DIRECT_ENGINE = 'test/e2e/moves/matrix/direct-engine.ts';
const ENGINE = 'control-plane/engine/run';
const BACKUP = 'control-plane/backups/backup-tenant.js';

/** The programs of the build. */
export interface QuickBuild {
  /** Runs one part of an operation at a time, as it is told by messages (mover.ts). */
  readonly mover: string;
  readonly writer: string;
}

/**
 * Copies the build into `dir`, puts a direct engine (direct-engine.ts) in the place of the real one, and takes the backup at the new
 * home out: all else is what users have, and a move takes seconds and not half a minute.
 */
export const quickBuild = async (dir: string): Promise<QuickBuild> => {
  const put = (source: string, target: string): string => {
    const path = join(dir, target);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, transpile(join(REPOSITORY, source)));
    return path;
  };
  cpSync(dirname(dirname(cliPath())), dir, { recursive: true });
  cpSync(join(REPOSITORY, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(REPOSITORY, 'node_modules'), join(dir, 'node_modules'));
  const engine = put(DIRECT_ENGINE, DIRECT_ENGINE.replace(/\.ts$/, '.js'));
  for (const name of ['stack-run.js', 'open-runner.js'])
    writeFileSync(join(dir, ENGINE, name), `export * from ${JSON.stringify(engine)};\n`);
  const backup = join(dir, BACKUP);
  renameSync(backup, backup.replace(/\.js$/, '.real.js'));
  writeFileSync(
    backup,
    "export * from './backup-tenant.real.js';\nexport const backUpAndVerify = async () => ({ id: crypto.randomUUID() });\n",
  );
  const [mover = '', writer = ''] = PROGRAMS.map((source) => put(source, source.replace(/\.ts$/, '.js')));
  return { mover: await inOneFile(mover), writer: await inOneFile(writer) };
};

/** Hundreds of files are read for each process otherwise, and a process lives for one kill. */
const inOneFile = async (entry: string): Promise<string> => {
  const outfile = entry.replace(/\.js$/, '.bundle.mjs');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // The data plane looks into it by paths of its own, and two copies would not know each other's classes.
    external: ['pg', 'pg-*'],
    logLevel: 'error',
    banner: {
      js: `import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(${JSON.stringify(pathToFileURL(entry).href)}); const __dirname = ${JSON.stringify(dirname(entry))};`,
    },
    plugins: [{ name: 'own-place', setup: keepPlaces }],
  });
  return outfile;
};

/** A module finds the files beside it from where it was. Pulumi's compiler of functions into code for a cloud is left out. */
const keepPlaces: Plugin['setup'] = ({ onLoad }) => {
  onLoad({ filter: /@pulumi.pulumi.runtime.closure./ }, () => ({ contents: 'module.exports = {};' }));
  onLoad({ filter: /\.m?js$/ }, ({ path }) => {
    const contents = readFileSync(path, 'utf8');
    if (!contents.includes('import.meta.url')) return undefined;
    const place = JSON.stringify(pathToFileURL(path).href);
    return { contents: contents.replaceAll('import.meta.url', place), loader: 'js' };
  });
};

const transpile = (path: string): string =>
  ts.transpileModule(readFileSync(path, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  }).outputText;
