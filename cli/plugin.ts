import { openProject } from '../control-plane/project.js';
import { openRuntime } from '../control-plane/runtime.js';
import { serveLanguageHost } from '../stacks/language-host/serve.js';
import { postgresqlStandIn } from '../stacks/postgresql-stand-in/provider.js';
import { ringfenceProvider } from '../stacks/provider/ringfence-provider.js';
import { serveProvider } from '../stacks/provider/serve.js';

// A process entry: the engine starts it through stacks/plugins/ and reads the port from the first line.

const serve = async (plugin: string | undefined, engineAddress: string): Promise<number> => {
  switch (plugin) {
    case 'nodejs':
      return serveLanguageHost(engineAddress, process.env);
    case 'postgresql':
      return (await serveProvider(postgresqlStandIn())).port;
    case 'ringfence': {
      const project = openProject(process.env.RINGFENCE_PROJECT ?? process.cwd(), process.env.RINGFENCE_HOME);
      const runtime = await openRuntime({ project, env: process.env, onProgress: () => undefined });
      return (await serveProvider(ringfenceProvider(runtime.target))).port;
    }
    default:
      throw new TypeError('usage: plugin.js ringfence|postgresql|nodejs <engine address>');
  }
};

process.stdout.write(`${await serve(process.argv[2], process.argv.at(-1) ?? '')}\n`);
