#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { EXIT_STATUS } from '../core/errors.js';
import { makeOwnEnvironment } from './process/own-environment.js';

makeOwnEnvironment(process.env);
// Set before the AWS SDK is loaded: it warns about Node 20 on standard error.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// The engine gets Ctrl-C too and stops by itself. The next run goes on from the record.
process.once('SIGINT', () => {
  process.stderr.write('cancelled: run the same command again, it goes on from here\n');
  process.exit(EXIT_STATUS.cancelled);
});

// The reader of a pipe may stop (`ringfence -h | head -1`); the work at hand goes on.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

// Comes after the environment is our own: pg reads it when it is loaded.
const { run } = await import('./run.js');

process.exitCode = await run({
  args: process.argv.slice(2),
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  newId: randomUUID,
});
