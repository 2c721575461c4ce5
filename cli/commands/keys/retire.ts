import type { RetiredKey } from '../../../control-plane/keys/retire-keys.js';
import { defineCommand } from '../../command/define-command.js';
import { table } from '../../print/table.js';
import { withRuntime } from '../../runtime/with-runtime.js';
import { confirm } from '../../terminal/consent.js';

export const keysRetire = defineCommand({
  name: 'retire',
  description:
    'destroy the older versions of a key that nothing needs any more; scheduled backups do it themselves',
  arguments: ['<tenant>'],
  onWorker: { kind: 'keys retire' },
  view: async () => (await import('../../../control-plane/keys/views.js')).retiredKeysView,
  run: async (context, _options, slug) => {
    const { retireTenantKeys } = await import('../../../control-plane/keys/retire-tenant-keys.js');
    await confirm(context, `Destroy the older versions of the key of ${slug} that nothing needs any more?`);
    const retired = await withRuntime(context, (runtime) => retireTenantKeys(runtime, slug));
    context.result(retired, () =>
      retired.length === 0
        ? 'there is one version, and it is in use\n'
        : table(
            ['version', 'state', ''],
            retired.map((key) => [`v${key.version}`, key.state, explained(key)]),
          ),
    );
  },
});

const explained = ({ rows, backups, waitsUntil, destroyedAt }: RetiredKey): string => {
  if (destroyedAt) return destroyedAt.toISOString();
  if (waitsUntil)
    return `until ${waitsUntil.toISOString()}, when the cell can no longer be brought back to its time`;
  const reasons = [
    ...(rows > 0 ? [`${rows} rows are sealed under it or an older one: keys rotate seals them again`] : []),
    ...(backups > 0 ? [`${backups} backups need it, until their retention ends`] : []),
  ];
  return reasons.join('; ');
};
