import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { refuseViolations } from '../../../control-plane/policies/refuse.js';
import { declaredSubjects, stateSubjects } from '../../../control-plane/policies/subjects.js';
import { openProject } from '../../../control-plane/project/project.js';
import { openState } from '../../../control-plane/project/state/open-state.js';
import { judgeManifest } from '../../../control-plane/provisioning/judge-manifest.js';
import { RingfenceError } from '../../../core/errors.js';
import { loadManifest, type Tenant } from '../../../manifest/index.js';
import { judge } from '../../../policies/judge.js';
import { declaredResources } from '../../../stacks/declared-resources.js';
import { declare } from '../../policies/program.js';
import { promisesOf, tenantOf } from '../../policies/promises.js';
import { smallTenant } from '../../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'ringfence-london-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LONDON = /eu-west-2 is London: the United Kingdom is not in the EU/;

const refusal = (work: () => void): RingfenceError => {
  try {
    work();
  } catch (error) {
    if (error instanceof RingfenceError) return error;
  }
  throw new Error('nothing was refused');
};

describe('London, for a tenant of the EU, is refused', () => {
  it('by the manifest, before anything else looks at it', async () => {
    const path = join(folder, 'clinica.yaml');
    writeFileSync(path, JSON.stringify(smallTenant('clinica', { region: 'eu-west-2' })));
    await expect(loadManifest(path)).rejects.toMatchObject({
      code: 'manifest_invalid',
      message: expect.stringMatching(LONDON),
    });
  });

  it('by the policy, for a manifest that came round its schema', () => {
    const tenant = { ...tenantOf(), region: 'eu-west-2' } as Tenant;
    const error = refusal(() => refuseViolations(judgeManifest({ tenant }, [])));
    expect(error).toMatchObject({ code: 'policy_violated', exitStatus: 5 });
    expect(error.message).toMatch(/^policy residency: manifest clinica is outside residency eu: /);
    expect(error.message).toMatch(LONDON);
  });

  it('by the policy, for a program that puts a database there, whatever the manifest says', async () => {
    const declared = await declaredResources('cell.london', async () => {
      declare('aws:rds/instance:Instance', 'server', { region: 'eu-west-2' });
      return {};
    });
    const error = refusal(() => refuseViolations(judge(declaredSubjects(declared), promisesOf())));
    expect(error.message).toMatch(/policy residency: urn:.*::server is outside residency eu/);
    expect(error.fix).toContain('deploy it in an allowed region');
  });

  it('by the check of the state, for what is there already', async () => {
    const project = openProject(folder);
    const stacks = join(project.home, 'state', '.pulumi', 'stacks', 'ringfence');
    mkdirSync(stacks, { recursive: true });
    const server = {
      urn: 'urn:pulumi:cell.london::ringfence::aws:rds/instance:Instance::server',
      type: 'aws:rds/instance:Instance',
      custom: true,
      inputs: { identifier: 'clinics' },
      outputs: { arn: 'arn:aws:rds:eu-west-2:111122223333:db:clinics' },
    };
    writeFileSync(
      join(stacks, 'cell.london.json'),
      JSON.stringify({ version: 3, checkpoint: { latest: { resources: [server] } } }),
    );
    const state = openState(project, {});
    await expect(stateSubjects({ state }, 'cell.paris')).rejects.toThrow(
      expect.objectContaining({ code: 'policy_unproven', message: expect.stringContaining('cell.paris') }),
    );
    const judgements = judge(await stateSubjects({ state }, 'cell.london'), promisesOf());
    expect(judgements.find(({ rule }) => rule === 'residency')).toMatchObject({
      verdict: 'violated',
      on: 'state',
      message: expect.stringMatching(LONDON),
    });
  });
});
