import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { EXIT_STATUS } from '../../core/errors.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const LAYERS = [
  'core',
  'manifest',
  'policies',
  'data-plane',
  'isolation',
  'targets',
  'stacks',
  'control-plane',
  'cli',
];

/** A name, or what is written in capitals: a statement, a variable, an abbreviation. */
const NAMES = /^(Amazon|Cloudflare|Go|Node|Postgres|Pulumi|Ringfence|Secrets Manager|[A-Z][A-Z0-9_-]+)\b/;
/** Questions to people are sentences; their property `message` is that of @clack/prompts. */
const PROMPTS = /^cli\/(wizard|terminal)\//;

/** The texts that an expression can be; a value within a template is written as …. */
const textsOf = (node: ts.Node): string[] => {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [
      [node.head, ...node.templateSpans.map(({ literal }) => literal)].map(({ text }) => text).join('…'),
    ];
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(textsOf);
  if (ts.isBinaryExpression(node)) return [node.left, node.right].flatMap(textsOf);
  return ts.isParenthesizedExpression(node) ? textsOf(node.expression) : [];
};

const isErrorCode = (node: ts.Node | undefined): boolean =>
  node !== undefined && ts.isStringLiteral(node) && Object.hasOwn(EXIT_STATUS, node.text);

/** The parts of a node that are a message or a fix: of an error, of what is thrown, of a table of errors, of a finding. */
const messagesOf = (node: ts.Node, path: string): readonly ts.Node[] => {
  if (ts.isNewExpression(node))
    return node.expression.getText().endsWith('Error') ? (node.arguments ?? []) : [];
  if (ts.isThrowStatement(node)) return ts.isCallExpression(node.expression) ? node.expression.arguments : [];
  if (ts.isArrayLiteralExpression(node)) return isErrorCode(node.elements[0]) ? node.elements : [];
  if (!ts.isPropertyAssignment(node)) return [];
  const name = node.name.getText();
  return name === 'fix' || (name === 'message' && !PROMPTS.test(path)) ? [node.initializer] : [];
};

/** The messages of a file that begin in upper case or end with a full stop. */
const faultsOf = (path: string): string[] => {
  const source = ts.createSourceFile(
    path,
    readFileSync(join(root, path), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const faults = new Set<string>();
  const visit = (node: ts.Node): void => {
    for (const text of messagesOf(node, path).flatMap(textsOf)) {
      if ((/^[A-Z]/.test(text) && !NAMES.test(text)) || /[^.]\.$/.test(text)) faults.add(`${path}: ${text}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...faults];
};

it('a message or a fix begins in lower case, unless with a name, and ends without a full stop', () => {
  const paths = LAYERS.flatMap((layer) =>
    readdirSync(join(root, layer), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts'))
      .map((path) => `${layer}/${path}`),
  );
  expect(paths.length).toBeGreaterThan(900);
  expect(paths.flatMap(faultsOf)).toEqual([]);
});
