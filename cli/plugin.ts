import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import type { ServedProvider } from '../stacks/protocol/provider/serve.js';
import { makeOwnEnvironment } from './process/own-environment.js';

// A process entry: the engine starts it through the scripts of control-plane/engine/run/placed-plugins.ts and reads the
// port from the first line. Each plugin loads only what it serves, because every run of plain `pulumi` starts all of them.

const LOOK_EVERY_MS = 1_000;
const ADDRESS = /^(127\.0\.0\.1):(\d+)$/;

/** Ends this process when nothing answers at the engine's address any more: an engine that is killed ends no plugin. */
const endWithEngine = (engineAddress: string): void => {
  const [, host, port] = ADDRESS.exec(engineAddress) ?? [];
  if (host === undefined) return;
  setInterval(() => {
    const socket = connect(Number(port), host, () => socket.destroy());
    socket.once('error', () => process.exit(0));
  }, LOOK_EVERY_MS).unref();
};

const { PGPASSFILE } = process.env;
makeOwnEnvironment(process.env);

const serve = async (plugin: string | undefined, engineAddress: string): Promise<number> => {
  switch (plugin) {
    case 'nodejs': {
      const { serveLanguageHost } = await import('../stacks/protocol/language-host/serve.js');
      return serveLanguageHost(engineAddress, process.env);
    }
    case 'postgresql': {
      const { postgresqlStandIn } = await import('../stacks/protocol/postgresql-stand-in/provider.js');
      return serveProvider(postgresqlStandIn(PGPASSFILE));
    }
    case 'ringfence': {
      const { openProject } = await import('../control-plane/project/project.js');
      const { openRuntime } = await import('../control-plane/open-runtime.js');
      const { ringfenceProvider } = await import('../stacks/protocol/provider/ringfence-provider.js');
      const project = openProject(process.env.RINGFENCE_PROJECT ?? process.cwd(), process.env.RINGFENCE_HOME);
      const runtime = await openRuntime({
        project,
        caller: { who: userInfo().username, door: 'engine', correlationId: randomUUID() },
        env: process.env,
        onProgress: () => undefined,
      });
      return serveProvider(ringfenceProvider(runtime.target));
    }
    default:
      throw new TypeError('usage: plugin.js ringfence|postgresql|nodejs <engine address>');
  }
};

const serveProvider = async (provider: ServedProvider): Promise<number> => {
  const serving = await import('../stacks/protocol/provider/serve.js');
  return (await serving.serveProvider(provider)).port;
};

const engineAddress = process.argv.at(-1) ?? '';
process.stdout.write(`${await serve(process.argv[2], engineAddress)}\n`);
endWithEngine(engineAddress);
