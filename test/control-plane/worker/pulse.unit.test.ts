import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openProject, type Project } from '../../../control-plane/project/project.js';
import type { Runtime } from '../../../control-plane/runtime.js';
import { beginPulse, heardOfWorker } from '../../../control-plane/worker/pulse.js';

const NOW = new Date('2026-11-28T04:00:00Z');
const later = (seconds: number): Date => new Date(NOW.getTime() + seconds * 1_000);
let project: Project;

beforeEach(() => {
  project = openProject(mkdtempSync(join(tmpdir(), 'ringfence-pulse-')));
  project = { ...project, home: project.root };
});
afterEach(() => rmSync(project.root, { recursive: true, force: true }));

const runtimeWith = (query: () => Promise<unknown>): Runtime =>
  ({ control: { query }, project, now: () => NOW }) as unknown as Runtime;

test('a worker is heard of for two minutes after the control database has answered it, and not after its end', async () => {
  expect(heardOfWorker(project, NOW)).toBeUndefined();
  const end = await beginPulse(runtimeWith(async () => undefined));
  expect(heardOfWorker(project, later(119))).toEqual(NOW);
  expect(heardOfWorker(project, later(120))).toBeUndefined();
  end();
  expect(heardOfWorker(project, NOW)).toBeUndefined();
});

test('one that the control database does not answer is not heard of', async () => {
  const broken = runtimeWith(() => Promise.reject(new Error('no connection')));
  await expect(beginPulse(broken)).rejects.toThrow('no connection');
  expect(heardOfWorker(project, NOW)).toBeUndefined();
});
