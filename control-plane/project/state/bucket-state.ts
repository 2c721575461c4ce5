import { stateBucket } from '../../../targets/aws/state/bucket.js';
import { checkStatePlace } from '../../../targets/aws/state/check.js';
import { backendUrl, secretsUrl } from '../../../targets/aws/state/engine-urls.js';
import { formatStatePlace, placeName, type StatePlace } from '../../../targets/aws/state/place.js';
import { stateWhereabouts } from '../../../targets/aws/state/whereabouts.js';
import { readProjectId } from '../id.js';
import type { Project } from '../project.js';
import { CLAIM, claimPlace, findClaim, refuseMoving } from './claim.js';
import { readStatePlace, recordPlace } from './place-record.js';
import type { StateStore } from './state-store.js';

const ROOT = '.pulumi';
const AT_ONCE = 16;

/** The state in a bucket of S3, its secrets sealed by a key of AWS KMS. */
export const bucketState = (project: Project, place: StatePlace, env: NodeJS.ProcessEnv): StateStore => {
  const bucket = stateBucket(place, env);
  const at = (path: string): string => `${ROOT}/${path}`;
  const requireHome = async (): Promise<void> => {
    const id = readProjectId(project);
    // Plain pulumi may be the first to come, before there is a project.
    if (id !== undefined)
      refuseMoving(await claimPlace(bucket, place, { project: id, state: 'home' }), place);
  };
  return {
    name: placeName(place),
    seal: { kind: 'aws-kms', url: secretsUrl(place) },
    setting: formatStatePlace(place),
    env: { PULUMI_BACKEND_URL: backendUrl(place, env) },
    requireHome,
    async prepare() {
      if (readStatePlace(project) !== undefined) return requireHome();
      // A place that the project is at home in was looked at. A worker in a cell's network could not: there is no way to STS.
      if ((await findClaim(bucket))?.state !== 'home') await checkStatePlace(place, env);
      await requireHome();
      if (readProjectId(project) !== undefined) recordPlace(project, { place });
    },
    async check() {
      const { keepsVersions } = await checkStatePlace(place, env);
      if (keepsVersions) return undefined;
      return {
        detail: `the bucket ${place.bucket} of the state keeps no versions: what is overwritten or deleted by mistake is lost`,
        fix: `aws s3api put-bucket-versioning --bucket ${place.bucket} --versioning-configuration Status=Enabled; docs/aws.md has the rule that ends them`,
      };
    },
    whereabouts: () => stateWhereabouts(place, env),
    names: (folder, start = '') => bucket.names(at(folder), start),
    read: (path) => bucket.read(at(path)),
    remove: (path) => bucket.remove(at(path)),
    everBelow: async (start) =>
      (await bucket.everBelow(at(start))).map((path) => path.slice(ROOT.length + 1)),
    erase: (path) => bucket.erase(at(path)),
    // Objects appear whole or not at all.
    mend: () => undefined,
    async clear() {
      const paths = await bucket.everBelow(`${ROOT}/`);
      for (let begun = 0; begun < paths.length; begun += AT_ONCE)
        await Promise.all(paths.slice(begun, begun + AT_ONCE).map((path) => bucket.erase(path)));
    },
    async purge() {
      // Nothing tells that it is ours.
      if (readStatePlace(project) === undefined) return;
      for (const path of await bucket.everBelow(`${ROOT}/`)) await bucket.remove(path);
      await bucket.remove(CLAIM);
    },
  };
};
