import pc from 'picocolors';
import { runDoctor } from '../../control-plane/doctor/run.js';
import type { CheckStatus, DoctorReport } from '../../control-plane/doctor/types.js';
import type { Project } from '../../control-plane/project.js';

const FAILED_STATUS = 4;
const GAP = '  ';
const MARK_WIDTH = 4;
const DETAIL_WIDTH = 90;

/**
 * Prints what Ringfence finds on this machine: a table, or the report as one JSON document with `json`.
 * @returns the exit status: 0, or 4 when a check failed
 */
export const doctorCommand = async (ctx: {
  project: Project;
  env: NodeJS.ProcessEnv;
  json: boolean;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}): Promise<number> => {
  const report = await runDoctor({ project: ctx.project, env: ctx.env });
  if (ctx.json) ctx.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  else ctx.stdout.write(describe(report, wantsColor(ctx.env, ctx.stdout)));
  return report.ok ? 0 : FAILED_STATUS;
};

const describe = (report: DoctorReport, color: boolean): string => {
  const paint = pc.createColors(color);
  const marks: Record<CheckStatus, string> = {
    ok: paint.green('ok  '),
    warn: paint.yellow('warn'),
    fail: paint.red('fail'),
  };
  const width = Math.max(...report.checks.map(({ name }) => name.length));
  const margin = ' '.repeat(MARK_WIDTH + GAP.length + width + GAP.length);
  const lines = report.checks.flatMap(({ name, status, detail, fix }) => {
    const [first = '', ...rest] = wrap(detail);
    return [
      `${marks[status]}${GAP}${name.padEnd(width)}${GAP}${first}`,
      ...rest.map((line) => `${margin}${line}`),
      ...(fix ? wrap(`fix: ${fix}`).map((line) => `${margin}${paint.dim(line)}`) : []),
    ];
  });
  const count = (wanted: CheckStatus): number =>
    report.checks.filter(({ status }) => status === wanted).length;
  const summary = `${count('ok')} ok, ${count('warn')} to know, ${count('fail')} failed`;
  return `${lines.join('\n')}\n\n${summary}\n`;
};

/** A terminal gets colours unless NO_COLOR is set. */
const wantsColor = (env: NodeJS.ProcessEnv, stream: NodeJS.WritableStream): boolean =>
  !env.NO_COLOR && 'isTTY' in stream && stream.isTTY === true;

/** Breaks at spaces; a word longer than the width, such as a path, stays whole. */
const wrap = (text: string): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > DETAIL_WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
};
