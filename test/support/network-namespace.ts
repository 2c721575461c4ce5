import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A network of its own on this machine (Linux, root): its loopback is another one, and nothing outside leads into it. */
export interface NetworkNamespace {
  /** Runs a program in it. */
  readonly under: readonly string[];
  /** Has a loopback port of the machine appear in it under the same number, as a tunnel would. */
  lead(port: number): Promise<void>;
  close(): Promise<void>;
}

/** Whether this process may make one. */
export const canMakeNetworks = (): boolean => {
  if (process.getuid?.() !== 0) return false;
  const name = `rf-try-${process.pid}`;
  try {
    execFileSync('ip', ['netns', 'add', name], { stdio: 'ignore' });
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Passes bytes on between a port of the namespace and a socket file, which all namespaces of a machine see. */
const RELAY = `
const { connect, createServer } = require('node:net');
const [port, file] = process.argv.slice(1);
createServer((from) => {
  const to = connect(file);
  from.pipe(to).pipe(from);
  for (const [one, other] of [[from, to], [to, from]]) one.on('error', () => other.destroy()).on('close', () => other.destroy());
}).listen(Number(port), '127.0.0.1', () => console.log('listening'));
`;

export const makeNetwork = (): NetworkNamespace => {
  const name = `rf-${process.pid}`;
  const dir = mkdtempSync(join(tmpdir(), 'ringfence-network-'));
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  const under = ['ip', 'netns', 'exec', name];
  const relays: ChildProcess[] = [];
  const servers: ReturnType<typeof createServer>[] = [];
  return {
    under,
    lead: async (port) => {
      const file = join(dir, `${port}.sock`);
      const server = createServer((from) => {
        const to = connect(port, '127.0.0.1');
        from.pipe(to).pipe(from);
        from.on('error', () => to.destroy()).on('close', () => to.destroy());
        to.on('error', () => from.destroy()).on('close', () => from.destroy());
      }).listen(file);
      await once(server, 'listening');
      servers.push(server);
      const [program = '', ...words] = [...under, process.execPath, '-e', RELAY, String(port), file];
      const relay = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
      relays.push(relay);
      await once(relay.stdout, 'data');
    },
    close: async () => {
      for (const relay of relays) {
        relay.kill();
        if (relay.exitCode === null && relay.signalCode === null) await once(relay, 'exit');
      }
      for (const server of servers) server.close();
      execFileSync('ip', ['netns', 'del', name]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
};
