import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineResource } from '../../control-plane/engine/run/previewed-resource.js';
import { previewStack } from '../../control-plane/engine/run/stack-run.js';
import { openRuntime } from '../../control-plane/open-runtime.js';
import { promisesOfTenant } from '../../control-plane/policies/promises.js';
import { previewedSubjects } from '../../control-plane/policies/subjects.js';
import type { CheckedTenant } from '../../control-plane/policy-check/check-policies.js';
import { openProject } from '../../control-plane/project/project.js';
import { tenantRun } from '../../control-plane/provisioning/tenant-run.js';
import { asToolkit } from '../../core/caller.js';
import { loadManifest } from '../../manifest/index.js';
import { type Judgement, judge } from '../../policies/judge.js';
import {
  type CliProject,
  ENGINE_TIMEOUT_MS,
  openCliProject,
  prepareEngine,
  readText,
} from '../support/cli.js';

const CELL = 'shared-eu-central-1';
const LONDON = /outside residency eu: eu-west-2 is London/;

const exceptions = (until: string, resource = 'urn:of:nothing'): string =>
  `exceptions:\n  - rule: residency\n    resource: ${resource}\n    owner: Ada\n    reason: moves to Ireland in March\n    until: ${until}\n`;

describe('the policies of a deployed project', () => {
  let project: CliProject;
  let manifest: string;

  beforeAll(async () => {
    await prepareEngine();
    project = openCliProject();
    manifest = project.manifest('clinica');
    await project.deploy();
  }, ENGINE_TIMEOUT_MS);
  afterAll(async () => {
    expect(await project.purge()).toEqual([]);
  });

  const check = async (
    ...args: string[]
  ): Promise<{ status: number | null; judgements: readonly Judgement[] }> => {
    const { status, stdout } = await project.run(['policies', 'check', ...args, '--json']);
    const [checked] = JSON.parse(stdout) as CheckedTenant[];
    return { status, judgements: checked?.judgements ?? [] };
  };

  /** The label of the cell, as somebody might change it by hand. */
  const inRegion = async (region: string, work: () => Promise<void>): Promise<void> => {
    await project.control('UPDATE control.cells SET region = $1', [region]);
    await work();
    await project.control("UPDATE control.cells SET region = 'eu-central-1'");
  };

  test('nothing is violated, and what nobody tells has not passed', async () => {
    const { status, judgements } = await check('clinica', '--live');
    expect(status).toBe(1);
    expect(new Set(judgements.map(({ verdict }) => verdict))).toEqual(new Set(['passed', 'cannot-tell']));
    expect(new Set(judgements.map(({ on }) => on))).toEqual(
      new Set(['manifest', 'resource', 'state', 'fact']),
    );
    expect(judgements.filter(({ verdict, rule }) => verdict !== 'passed' && rule !== 'residency')).toEqual(
      [],
    );
  });

  test('a cell in London is not brought up for a tenant of the EU, and nothing is deployed', async () => {
    const deployments = () => project.control('SELECT count(*)::int AS count FROM control.deployments');
    const before = await deployments();
    await inRegion('eu-west-2', async () => {
      const { status, stderr } = await project.run(['cells', 'up', CELL]);
      expect(status).toBe(5);
      expect(stderr).toContain('[policy_violated]');
      expect(stderr).toMatch(/policy residency: urn:.*LocalServer::server is outside/);
      expect(stderr).toMatch(LONDON);
      expect(stderr).toContain('fix: deploy it in an allowed region');
      const resize = await project.run(['cells', 'resize', CELL, '--size', 'medium', '-y']);
      expect([resize.status, resize.stderr]).toEqual([5, expect.stringMatching(LONDON)]);
    });
    expect(await deployments()).toEqual(before);
  });

  test('the state of such a cell is violated, also where a deployment would be refused before', async () => {
    await inRegion('eu-west-2', async () => {
      const { status, judgements } = await check('clinica', '--live');
      expect(status).toBe(5);
      expect(judgements.filter(({ verdict, on }) => verdict === 'violated' && on === 'state')).toContainEqual(
        expect.objectContaining({ rule: 'residency', message: expect.stringMatching(LONDON) }),
      );
    });
  });

  test('an exception is shown in a preview, and stops the deployment when its time is over', async () => {
    const file = join(project.root, 'policies.yaml');
    project.manifest('clinica', { plan: 'growth' });
    writeFileSync(
      file,
      exceptions('2999-01-31', 'urn:pulumi:tenant.clinica::ringfence::ringfence:index:TenantKey::key'),
    );
    expect((await project.run(['tenants', 'preview', 'clinica'])).stdout).toContain(
      'TenantKey key: where cell shared-eu-central-1 is: eu-central-1 is a label of ours; `ringfence tenants residency` asks its holder; excused until 2999-01-31 by Ada',
    );
    writeFileSync(file, exceptions('2020-01-31'));
    const { status, stderr } = await project.run(['tenants', 'apply', 'clinica', '--yes']);
    expect(status).toBe(5);
    expect(stderr).toContain('[exception_expired] policies.yaml:6:12 exceptions[0].until');
    for (const command of [
      ['policies', 'check'],
      ['tenants', 'promote', 'clinica', '--yes'],
    ])
      expect(await project.run(command)).toMatchObject({
        status: 5,
        stderr: expect.stringContaining('[exception_expired]'),
      });
    writeFileSync(file, '');
    expect((await project.run(['tenants', 'apply', 'clinica', '--yes'])).status).toBe(0);
  });

  test('the engine says what would be deleted, and that is refused', async () => {
    const runtime = await openRuntime({
      project: openProject(project.root),
      caller: asToolkit({ correlationId: randomUUID() }),
      env: project.env,
      onProgress: () => undefined,
    });
    try {
      const { tenant } = await loadManifest(manifest);
      const [registered] = await project.control<{ id: string }>('SELECT id FROM control.tenants');
      const tenantId = registered?.id ?? '';
      const other = { placements: [{ cell: 'another', isHome: true }], cellIsUp: false, tenantId };
      const previewed: EngineResource[] = [];
      const run = { ...tenantRun(tenant, other), recover: false, exists: true };
      const unprotected = ['pulumi', '--', 'state', 'unprotect', '--all', '--yes', '-s', 'tenant.clinica'];
      expect((await project.run(unprotected)).status).toBe(0);
      await previewStack(await runtime.stackRunner(), {
        ...run,
        onResource: (resource) => previewed.push(resource),
      });
      const promises = {
        ...(await promisesOfTenant(runtime, { cell: { name: CELL, region: 'eu-central-1' }, tenant })),
        held: [{ slug: 'clinica', tenantId, hold: 'court-order: case 12' }],
      };
      const violations = (rule: string, allowReplace: readonly string[] = []) =>
        judge(previewedSubjects(previewed), { ...promises, allowReplace })
          .filter((judgement) => judgement.rule === rule && judgement.verdict === 'violated')
          .map(
            (judgement) =>
              `${judgement.subject.split('::').at(-1)} ${'message' in judgement && judgement.message}`,
          );
      expect(violations('kept-data').sort()).toEqual([
        `enrolment.${CELL} would be deleted`,
        `quota.${CELL} would be deleted`,
      ]);
      const urns = previewed.map(({ urn }) => urn);
      expect(violations('kept-data', urns)).toEqual([]);
      expect(violations('legal-holds', urns)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/^quota.* has data of tenant clinica, which is on hold/),
        ]),
      );
    } finally {
      await runtime.close();
    }
    await project.json(['tenants', 'apply', 'clinica', '--yes']);
  });

  test('plain pulumi runs the same rules as a pack, on a preview and on the state', async () => {
    const pack = ['--policy-pack', join(project.home, 'workspace', 'policy-pack')];
    const commands = [
      ['pulumi', '--', 'preview', '-s', 'tenant.clinica', ...pack],
      ['pulumi', '--', 'policy', 'analyze', '-s', 'tenant.clinica', ...pack],
    ];
    for (const command of commands) {
      const { status, stdout, stderr } = await project.run(command);
      expect([command, status, /error.*/.exec(stderr)?.[0]]).toEqual([command, 0, undefined]);
      expect(stdout).toMatch(/\[advisory\] +residency-open .*TenantKey: key/);
    }
    const inputs = join(project.home, 'workspace', 'stacks', `cell.${CELL}`, 'inputs.json');
    const written = readText(inputs);
    writeFileSync(inputs, written.replace('"region": "eu-central-1"', '"region": "eu-west-2"'));
    for (const command of commands) {
      const { status, stdout } = await project.run(command);
      expect(status).not.toBe(0);
      expect(stdout).toMatch(/\[mandatory\] +residency .*TenantKey: key/);
      expect(stdout).toMatch(LONDON);
    }
    writeFileSync(inputs, written);
  });
});
