import { RingfenceError } from '../../core/errors.js';
import type { Context } from './context.js';

/** Asks a person, or takes --yes. Enter alone means no. @throws RingfenceError `confirmation_missing` without either, `cancelled` on a no. */
export const confirm = async (context: Context, question: string): Promise<void> => {
  if (context.yes) return;
  if (!context.interactive) {
    throw new RingfenceError('confirmation_missing', `${question} Nobody can be asked here`, {
      fix: 'add --yes',
    });
  }
  const prompts = await import('@clack/prompts');
  const answer = await prompts.confirm({ message: question, initialValue: false, ...streams(context) });
  if (answer !== true) throw new RingfenceError('cancelled', 'cancelled; nothing was deployed or removed');
};

/** The consent of a script in place of a typed name: the option and its value. */
interface NamedConsent {
  readonly option: string;
  readonly given: string | undefined;
}

/** `--confirm <name>`. */
export const confirmOption = (name: string, given: string | undefined): NamedConsent => ({
  option: `--confirm ${name}`,
  given,
});

/** `--yes` or `--confirm <name>`, for an action with a way back or with a --reason. */
export const yesOption = ({ yes }: Context, name: string, given?: string): NamedConsent => ({
  option: '--yes',
  given: given ?? (yes ? name : undefined),
});

/**
 * Asks for the name of the thing whose rows are to be deleted, typed or given by an option. --yes alone is no consent.
 * @throws RingfenceError `confirmation_missing` where nobody can be asked, `usage` for another name, `cancelled`.
 */
export const confirmByName = async (
  context: Context,
  name: string,
  what: string,
  { option, given }: NamedConsent,
): Promise<void> => {
  if (given === name) return;
  if (given !== undefined)
    throw new RingfenceError('usage', `${what} ${given} is another name`, { fix: `add ${option}` });
  if (!context.interactive) {
    throw new RingfenceError('confirmation_missing', `${what} Nobody can be asked here`, {
      fix: `add ${option}`,
    });
  }
  const prompts = await import('@clack/prompts');
  const answer = await prompts.text({ message: `${what} Type ${name} to go on.`, ...streams(context) });
  if (answer !== name) throw new RingfenceError('cancelled', 'cancelled; nothing was deployed or removed');
};

/** Questions go to standard error, so that standard output holds results only. */
const streams = ({ terminal }: Context) => ({ input: terminal.stdin, output: terminal.stderr });
