import http from 'node:http';
import { send } from '../test/targets/edge/clients.js';
import { onOneCore } from './cores.js';
import { openWorkers } from './edge/workers.js';
import { atLeast, type Comparison, compare, noGoal } from './measure.js';

const REQUESTS = 4_000;
const CLIENTS = 32;
const HOST = 'uno.clinics.example';
const TOKEN = `Bearer x.${Buffer.from(JSON.stringify({ iss: 'https://id.example', sub: 'ana' })).toString('base64url')}.x`;

/** What the check of the edge costs, against a Worker that does nothing: over HTTP, and without it. */
export const benchEdge = (): Promise<Comparison[]> => onOneCore(undefined, measure);

const measure = async (): Promise<Comparison[]> => {
  const workers = await openWorkers();
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  const overHttp = (name: string) => async (): Promise<void> => {
    const url = await workers.url(name);
    let left = REQUESTS;
    const client = async (): Promise<void> => {
      while (left-- > 0) {
        const { status } = await send(url, HOST, '/', { authorization: TOKEN }, agent);
        if (status !== 200) throw new Error(`${name} answered ${status}`);
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
  };
  const driven = (name: string, headers: Record<string, string>) => () =>
    workers.drive(name, REQUESTS, headers);
  const check = `${REQUESTS} requests, edge check / no-op Worker`;
  try {
    return [
      await compare(
        `${check}: over HTTP, one user`,
        { baseline: overHttp('no-op'), measured: overHttp('checking') },
        atLeast(0.9, 9),
      ),
      await compare(
        `${check}: from a Worker beside them, no user`,
        { baseline: driven('no-op', {}), measured: driven('checking', {}) },
        noGoal(9),
      ),
      await compare(
        `${check}: from a Worker beside them, one user`,
        {
          baseline: driven('no-op', { authorization: TOKEN }),
          measured: driven('checking', { authorization: TOKEN }),
        },
        noGoal(9),
      ),
    ];
  } finally {
    agent.destroy();
    await workers.close();
  }
};
