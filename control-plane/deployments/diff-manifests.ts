import diff from 'microdiff';

/** A value that differs between two manifests, or two other trees of values. */
export interface ManifestChange {
  /** `clinics.0.name` */
  readonly path: string;
  /** Undefined where one of the two has no such value. */
  readonly before: unknown;
  readonly after: unknown;
}

type Values = Readonly<Record<string, unknown>>;

/** Every value that differs, by its place. */
export const diffManifests = (before: Values, after: Values): ManifestChange[] =>
  diff(before, after).map((change) => ({
    path: change.path.join('.'),
    before: change.type === 'CREATE' ? undefined : change.oldValue,
    after: change.type === 'REMOVE' ? undefined : change.value,
  }));
