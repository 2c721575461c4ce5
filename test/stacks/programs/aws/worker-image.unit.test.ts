import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { awsNames } from '../../../../stacks/programs/aws/names.js';
import { WRITABLE, workerContainer } from '../../../../stacks/programs/aws/worker/container.js';
import { executionStatements } from '../../../../stacks/programs/aws/worker/execution-role.js';
import { cellInputs, WORKER } from '../../../support/aws/cell-inputs.js';

const atRoot = (file: string): string =>
  readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8');
const image = atRoot('Dockerfile').split('\n');
/** The last line of the image that begins with a word of a Dockerfile. */
const last = (word: string): string =>
  image
    .filter((line) => line.startsWith(`${word} `))
    .at(-1)
    ?.slice(word.length + 1) ?? '';

const scope = { inputs: cellInputs(), names: awsNames('clinics'), partition: 'aws' };
const container = workerContainer(scope, WORKER) as {
  readonly readonlyRootFilesystem: boolean;
  readonly healthCheck: { readonly command: readonly string[] };
  readonly environment: readonly { readonly name: string }[];
  readonly secrets: readonly object[];
};

test('the image runs the worker, as nobody special, and its health is asked of the same program', () => {
  const { bin } = JSON.parse(atRoot('package.json')) as { bin: { ringfence: string } };
  const worker = ['node', `/ringfence/${bin.ringfence}`, 'worker'];
  expect(JSON.parse(last('CMD'))).toEqual(worker);
  expect(container.healthCheck.command).toEqual(['CMD', ...worker, '--check']);
  expect(last('USER')).toBe('node');
  expect(image.join('\n')).toMatch(/^ARG NODE=\S+:\d+\.\d+\.\d+-/m);
});

test('what it may write to are folders that the image gives to its user, and its root is read-only', () => {
  expect(container.readonlyRootFilesystem).toBe(true);
  expect(JSON.parse(last('VOLUME'))).toEqual(Object.values(WRITABLE));
});

test('it gets secrets by their ARNs, and whoever starts it reads these and no others', () => {
  const arn = Object.values(WORKER.secrets)[0];
  expect(container.secrets).toEqual([{ name: 'RINGFENCE_ALERT_WEBHOOK', valueFrom: arn }]);
  expect(container.environment.map(({ name }) => name)).toEqual(['AWS_REGION', 'RINGFENCE_OBJECTS']);
  const resourcesOf = (secrets: Record<string, string>) =>
    executionStatements(scope, { ...WORKER, secrets }).map(({ Sid, Resource }) => [Sid, Resource]);
  expect(Object.fromEntries(resourcesOf(WORKER.secrets))).toEqual({
    Registry: '*',
    Image: 'arn:aws:ecr:eu-west-1:123456789012:repository/ringfence',
    Logs: 'arn:aws:logs:eu-west-1:123456789012:log-group:/ringfence/clinics/worker:log-stream:*',
    Secrets: [arn],
  });
  expect(Object.fromEntries(resourcesOf({}))).not.toHaveProperty('Secrets');
});
