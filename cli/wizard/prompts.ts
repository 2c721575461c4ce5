import * as clack from '@clack/prompts';
import { RingfenceError } from '../../manifest/index.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Check } from './check.js';
import { plainOutput } from './plain-output.js';

/** A line of text. Enter gives `byDefault`, or nothing when there is none. */
interface TextQuestion {
  readonly message: string;
  readonly byDefault?: string;
  /** The meaning of Enter where there is no default, shown in grey. */
  readonly onEnter?: string;
  readonly check?: Check<string>;
}

export interface Choice<Value extends string> {
  readonly value: Value;
  readonly label?: string;
  readonly hint?: string;
}

/** One of several. Enter gives `byDefault`. */
interface ChoiceQuestion<Value extends string> {
  readonly message: string;
  readonly choices: readonly Choice<Value>[];
  readonly byDefault: Value;
  readonly check?: Check<Value>;
}

/** Any of several. Enter gives those of `byDefault`. */
interface ChoicesQuestion<Value extends string> {
  readonly message: string;
  readonly choices: readonly Choice<Value>[];
  readonly byDefault: readonly Value[];
  readonly check?: Check<readonly Value[]>;
}

/** The questions that a person is asked. Every one throws RingfenceError `cancelled` on Ctrl-C and at the end of input. */
export interface Prompts {
  text(question: TextQuestion): Promise<string>;
  choose<Value extends string>(question: ChoiceQuestion<Value>): Promise<Value>;
  chooseSome<Value extends string>(question: ChoicesQuestion<Value>): Promise<Value[]>;
  yes(message: string): Promise<boolean>;
  /** Asks for one entry after the other, until one is left empty. */
  each<Entry>(ask: (before: readonly Entry[]) => Promise<Entry | undefined>): Promise<Entry[]>;
  note(text: string, title: string): void;
  intro(text: string): void;
  outro(text: string): void;
}

/** Asks on standard error, so that standard output stays free for the result. */
export const openPrompts = ({
  stdin: input,
  stderr,
  env,
}: Pick<Terminal, 'stdin' | 'stderr' | 'env'>): Prompts => {
  const output = env.NO_COLOR ? plainOutput(stderr) : stderr;
  const ask = async <Answer>(
    prompt: (streams: Required<Pick<clack.CommonOptions, 'input' | 'output' | 'signal'>>) => Promise<Answer>,
  ): Promise<Exclude<Answer, symbol>> => {
    const ended = new AbortController();
    const end = (): void => ended.abort();
    if (input.readableEnded) end();
    input.once('end', end);
    try {
      const answer = await prompt({ input, output, signal: ended.signal });
      if (clack.isCancel(answer)) {
        throw new RingfenceError('cancelled', 'cancelled; nothing was written');
      }
      return answer as Exclude<Answer, symbol>;
    } finally {
      input.off('end', end);
    }
  };
  /** Asks again until the answer holds; a list of choices cannot show a mistake itself. */
  const untilSound = async <Value>(once: () => Promise<Value>, check?: Check<Value>): Promise<Value> => {
    for (;;) {
      const answer = await once();
      const problem = check?.(answer);
      if (problem === undefined) return answer;
      clack.log.error(wrap(problem, (stderr.columns ?? 80) - 4), { output });
    }
  };
  return {
    text: async ({ message, byDefault = '', onEnter = 'none', check }) => {
      const answerOf = (typed: string | undefined): string => typed?.trim() || byDefault;
      const typed = await ask((streams) =>
        clack.text({
          message,
          placeholder: byDefault || `Enter: ${onEnter}`,
          defaultValue: byDefault,
          validate: (text) => {
            const answer = answerOf(text);
            return answer === '' ? undefined : check?.(answer);
          },
          ...streams,
        }),
      );
      return answerOf(typed);
    },
    choose: ({ message, choices, byDefault, check }) =>
      untilSound(async () => {
        const answer = await ask((streams) =>
          clack.select<string>({
            message,
            options: choices.map((choice) => ({ ...choice })),
            initialValue: byDefault,
            maxItems: 12,
            showInstructions: false,
            ...streams,
          }),
        );
        return choices.find(({ value }) => value === answer)?.value ?? byDefault;
      }, check),
    chooseSome: ({ message, choices, byDefault, check }) =>
      untilSound(async () => {
        const answers = await ask((streams) =>
          clack.multiselect<string>({
            message: `${message} (space marks, Enter goes on)`,
            options: choices.map((choice) => ({ ...choice })),
            initialValues: [...byDefault],
            required: false,
            maxItems: 12,
            showInstructions: false,
            ...streams,
          }),
        );
        return choices.map(({ value }) => value).filter((value) => answers.includes(value));
      }, check),
    yes: (message) => ask((streams) => clack.confirm({ message, initialValue: false, ...streams })),
    each: async <Entry>(askOne: (before: readonly Entry[]) => Promise<Entry | undefined>) => {
      const entries: Entry[] = [];
      for (;;) {
        const entry = await askOne(entries);
        if (entry === undefined) return entries;
        entries.push(entry);
      }
    },
    note: (text, title) => clack.note(text, title, { output }),
    intro: (text) => clack.intro(text, { output }),
    outro: (text) => clack.outro(text, { output }),
  };
};

/** Breaks lines between words; the terminal would break them anywhere. */
const wrap = (text: string, width: number): string =>
  text.replace(new RegExp(`(?!.{1,${width}}$)(.{1,${width}})\\s`, 'g'), '$1\n');
