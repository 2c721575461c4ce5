import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';

/** One resource that a deployment makes, changes or removes. */
export interface ResourceChange {
  readonly action: 'create' | 'update' | 'delete' | 'replace' | 'same' | 'refresh' | 'read';
  /** As the program names it: `enrolment`. */
  readonly name: string;
  /** Short type: `TenantEnrolment`. */
  readonly type: string;
  /** Inputs that differ; empty for new and unchanged resources. */
  readonly changed: readonly string[];
}

export const ACTIONS: Readonly<Record<string, ResourceChange['action']>> = {
  create: 'create',
  'create-replacement': 'replace',
  'delete-replaced': 'replace',
  replace: 'replace',
  update: 'update',
  delete: 'delete',
  same: 'same',
  refresh: 'refresh',
  read: 'read',
};

/** The change that an engine event reports, or undefined for other events, stacks and providers. */
export const changeOf = (event: EngineEvent): ResourceChange | undefined => {
  const metadata = event.resourcePreEvent?.metadata;
  if (!metadata) return undefined;
  const [, , type = '', name = ''] = metadata.urn.split('::');
  const action = ACTIONS[metadata.op];
  if (!action || type.startsWith('pulumi:')) return undefined;
  const detailed = Object.keys(metadata.detailedDiff ?? {});
  return { action, name, type: type.split(':').at(-1) ?? type, changed: metadata.diffs ?? detailed };
};
