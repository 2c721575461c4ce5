import pc from 'picocolors';
import { runDoctor } from '../../control-plane/doctor/run.js';
import type { CheckStatus, DoctorReport } from '../../control-plane/doctor/types.js';
import type { Project } from '../../control-plane/project.js';

const FAILED_STATUS = 4;
const INDENT = '  ';

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
  const lines = report.checks.flatMap(({ name, status, detail, fix }) => [
    `${marks[status]}${INDENT}${name.padEnd(width)}${INDENT}${detail}`,
    ...(fix ? [`${' '.repeat(4 + INDENT.length + width + INDENT.length)}${paint.dim(`fix: ${fix}`)}`] : []),
  ]);
  const count = (wanted: CheckStatus): number =>
    report.checks.filter(({ status }) => status === wanted).length;
  const summary = `${count('ok')} ok, ${count('warn')} to know, ${count('fail')} failed`;
  return `${lines.join('\n')}\n\n${summary}\n`;
};

/** A terminal gets colours unless NO_COLOR is set. */
const wantsColor = (env: NodeJS.ProcessEnv, stream: NodeJS.WritableStream): boolean =>
  !env.NO_COLOR && 'isTTY' in stream && stream.isTTY === true;
