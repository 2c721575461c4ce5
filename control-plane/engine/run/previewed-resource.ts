import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { ACTIONS, type ResourceChange } from './change.js';

/** A resource as the engine shows it in a preview. Values that it does not know yet, and secrets, are marked. */
export interface EngineResource {
  readonly action: ResourceChange['action'];
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly protect: boolean;
  /** `<urn>::<id>` of its provider. */
  readonly provider: string;
}

/** A replacement is a deletion and a creation too, which say no more. */
const PARTS_OF_REPLACEMENT = ['create-replacement', 'delete-replaced'];

/** Of an event about a resource; undefined of any other. */
export const previewedOf = (event: EngineEvent): EngineResource | undefined => {
  const metadata = event.resourcePreEvent?.metadata;
  const state = metadata?.new ?? metadata?.old;
  const action = metadata && ACTIONS[metadata.op];
  if (!metadata || !state || !action || PARTS_OF_REPLACEMENT.includes(metadata.op)) return undefined;
  return {
    action,
    urn: metadata.urn,
    type: state.type,
    name: metadata.urn.split('::').at(-1) ?? '',
    inputs: state.inputs,
    outputs: metadata.old?.outputs ?? {},
    protect: state.protect === true,
    provider: state.provider,
  };
};
