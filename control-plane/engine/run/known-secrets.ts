import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from '../../project/project.js';

/** A value of a file that holds secrets, with its name. */
const VALUE = /"([A-Za-z]+)":\s*"([^"]{16,})"/g;
/** The other fields of such files. Every field that is not listed counts as a secret. */
const PUBLIC: ReadonlySet<string> = new Set(['cell', 'dataDir', 'format', 'id', 'superuser']);

/** Variables that hold secrets by their names, those of AWS, Cloudflare and the edge among them. */
const SECRET_VARIABLE = /SECRET|PASSWORD|PASSPHRASE$|TOKEN|^RINGFENCE_EDGE_.*_KEY$/;

/** Every password, key and passphrase in the project's files and in the environment, as it is written there. */
export const knownSecrets = ({ home }: Project, env: NodeJS.ProcessEnv): string[] => {
  const cells = below(join(home, 'cells'));
  const files = [
    ...[join(home, 'control'), ...cells].flatMap((folder) => [
      join(folder, 'server.json'),
      join(folder, 'credentials.json'),
    ]),
    ...below(join(home, 'keyring')),
  ];
  const values = files
    .filter(existsSync)
    .flatMap((file) => [...readFileSync(file, 'utf8').matchAll(VALUE)])
    .flatMap(([, name = '', value = '']) => (PUBLIC.has(name) ? [] : [value]));
  const passphrase = join(home, 'passphrase');
  if (existsSync(passphrase)) values.push(readFileSync(passphrase, 'utf8').trim());
  const variables = Object.entries(env).flatMap(([name, value = '']) =>
    SECRET_VARIABLE.test(name) ? [value] : [],
  );
  return [...values, ...variables];
};

const below = (folder: string): string[] =>
  (existsSync(folder) ? readdirSync(folder) : []).map((name) => join(folder, name));

/** Removes the secrets from a text, in all of their usual forms. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  secrets
    .flatMap(formsOf)
    .sort((a, b) => b.length - a.length)
    .reduce((left, form) => left.replaceAll(form, '[secret]'), text);

const formsOf = (secret: string): string[] =>
  [Buffer.from(secret), Buffer.from(secret, 'base64')]
    .flatMap((bytes) => [
      secret,
      encodeURIComponent(secret),
      bytes.toString('base64'),
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      bytes.toString('hex'),
    ])
    .filter((form) => form.length >= SHORTEST_CHARACTERS);

/** Shorter secrets would match within words. */
const SHORTEST_CHARACTERS = 12;
