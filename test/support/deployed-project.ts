import { afterAll, beforeAll, expect } from 'vitest';
import { type CliProject, ENGINE_TIMEOUT_MS, openCliProject, prepareEngine } from './cli.js';

/** A project with one tenant that is deployed, for the tests of a file; they leave nothing of it. */
export const useDeployedProject = (slug: string): CliProject => {
  const project = openCliProject();
  beforeAll(prepareEngine, ENGINE_TIMEOUT_MS);
  beforeAll(async () => {
    project.manifest(slug);
    await project.deploy();
  });
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });
  return project;
};

/** What `isolation cadence --json` prints. */
export interface CadenceReport {
  outcome: string;
  folder: string;
  steps: { step: string; outcome: string; summary: string; files: string[] }[];
}
