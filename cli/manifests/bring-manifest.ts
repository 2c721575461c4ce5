import type { LoadedManifest } from '../../manifest/index.js';
import type { Context } from '../terminal/context.js';
import { manifestOf } from './find.js';

/** What a worker gets of a command about one tenant: its manifest, read here where it lies, with the words as they are. */
export const bringManifest = async <Options>(
  context: Context<never, never>,
  options: Options,
  slug: string,
): Promise<{
  readonly manifests: readonly LoadedManifest[];
  readonly args: [string];
  readonly options: Options;
}> => ({
  manifests: [await manifestOf(context, slug)],
  args: [slug],
  options,
});
