import { rotateContextKey, rotateCredentials } from '../../control-plane/cells/rotate-cell.js';
import { withRuntime } from '../runtime/with-runtime.js';
import { confirm } from '../terminal/consent.js';
import type { Context } from '../terminal/context.js';

/** `ringfence cells rotate-context-key <cell>` */
export const cellsRotateContextKey = async (
  context: Context,
  { graceMinutes }: { readonly graceMinutes: number },
  name: string,
): Promise<void> => {
  await confirm(context, `Give ${name} a new key for context tokens?`);
  const rotated = await withRuntime(context, (runtime) =>
    rotateContextKey(runtime, name, { graceMs: graceMinutes * 60_000 }),
  );
  context.result(rotated, () => {
    const until = rotated.earlierValidUntil?.toISOString();
    return `${name}: context key ${rotated.keyId}${until ? `; earlier ones are valid until ${until}` : ''}\n`;
  });
};

/** `ringfence cells rotate-credentials <cell>` */
export const cellsRotateCredentials = async (
  context: Context,
  _options: unknown,
  name: string,
): Promise<void> => {
  await confirm(context, `Give the logins of applications in ${name} new passwords?`);
  await withRuntime(context, (runtime) => rotateCredentials(runtime, name));
  context.result({ cell: name }, () => `${name}: new passwords for ringfence_app and ringfence_keeper\n`);
};
