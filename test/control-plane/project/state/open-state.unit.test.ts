import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openProject, type Project, stateDir } from '../../../../control-plane/project/project.js';
import { openState } from '../../../../control-plane/project/state/open-state.js';
import { parsePlace, recordPlace } from '../../../../control-plane/project/state/place-record.js';

const KEY = 'arn:aws:kms:eu-central-1:123456789012:key/1c9f2a34-5b6c-4d7e-8f90-a1b2c3d4e5f6';
const BUCKET = `s3://clinic-state/one?region=eu-central-1&kmsKeyId=${KEY}`;
const OTHER = BUCKET.replace('/one?', '/two?');

let project: Project;
beforeEach(() => {
  project = openProject(mkdtempSync(join(tmpdir(), 'ringfence-state-')));
  mkdirSync(project.home);
});
afterEach(() => rmSync(project.root, { recursive: true }));

const refusal = (env: NodeJS.ProcessEnv = {}) => {
  try {
    openState(project, env);
  } catch (error) {
    return error;
  }
  return undefined;
};
const withStack = (): void => {
  const stacks = join(stateDir(project), '.pulumi', 'stacks', 'ringfence');
  mkdirSync(stacks, { recursive: true });
  writeFileSync(join(stacks, 'tenant.uno.json'), '{}');
};

it('is in the folder, and for a new project where the setting says', () => {
  expect(openState(project, {})).toMatchObject({ name: stateDir(project), setting: undefined });
  expect(openState(project, { RINGFENCE_STATE: BUCKET })).toMatchObject({ setting: BUCKET });
});

it('names the command that moves it where the setting names another place', () => {
  withStack();
  const inBucket = { code: 'conflict', fix: expect.stringContaining(`ringfence state move '${BUCKET}'`) };
  expect(refusal({ RINGFENCE_STATE: BUCKET })).toMatchObject(inBucket);
  recordPlace(project, { place: parsePlace(OTHER) });
  expect(refusal({ RINGFENCE_STATE: BUCKET })).toMatchObject(inBucket);
  expect(openState(project, { RINGFENCE_STATE: OTHER })).toMatchObject({ setting: OTHER });
});

it('is nowhere to work on while it is moved, and a store that was open then is told', async () => {
  withStack();
  const open = openState(project, {});
  await open.requireHome();
  const to = parsePlace(BUCKET);
  recordPlace(project, { place: 'folder', move: { to, phase: 'copying' } });
  const back = expect.stringMatching(
    /ringfence state move 's3:.*; to leave it where it is: ringfence state move folder/,
  );
  expect(refusal()).toMatchObject({ code: 'conflict', fix: back });
  await expect(open.requireHome()).rejects.toMatchObject({ code: 'conflict', fix: back });
  recordPlace(project, { place: 'folder', move: { to, phase: 'leaving' } });
  expect(refusal()).toMatchObject({ fix: expect.not.stringContaining('to leave it') });
  recordPlace(project, { place: to });
  await expect(open.requireHome()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('was moved to s3://clinic-state/one meanwhile'),
  });
});

it('is in the folder again without a file that says so', () => {
  recordPlace(project, { place: parsePlace(BUCKET) });
  recordPlace(project, { place: 'folder' });
  expect(existsSync(join(project.home, 'state.json'))).toBe(false);
  expect(openState(project, {})).toMatchObject({ setting: undefined });
});
