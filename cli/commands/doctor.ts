import pc from 'picocolors';
import type { CheckStatus, DoctorReport } from '../../control-plane/doctor/types.js';
import { EXIT_STATUS } from '../../core/errors.js';
import { defineCommand, NOT_ON_WORKER } from '../command/define-command.js';

const GAP = '  ';
const MARK_WIDTH = 4;
const DETAIL_WIDTH = 90;

/** Prints what Ringfence finds on this machine. Exit status 4 when a check failed. */
export const doctor = defineCommand({
  name: 'doctor',
  description: 'what this machine has, what stands in, what to fix',
  notOnWorker: NOT_ON_WORKER.saysWhatItCan,
  view: async () => (await import('../../control-plane/doctor/views.js')).doctorView,
  run: async (context) => {
    const { runDoctor } = await import('../../control-plane/doctor/run.js');
    const { env, stdout } = context.terminal;
    const report = await runDoctor({ project: context.project, env });
    context.result(report, () => describe(report, !env.NO_COLOR && stdout.isTTY === true));
    if (!report.ok) context.exitWith(EXIT_STATUS.deployment_failed);
  },
});

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
