import { RingfenceError } from '../../tenants/errors.js';
import type { CadenceReport } from './run-cadence.js';

const TIMEOUT_MS = 10_000;

/**
 * Tells a webhook that something was found, as JSON: cadence, folder and the steps that found it. No id, secret or row
 * is in it.
 * @throws RingfenceError `alert_failed` when it does not answer with 2xx.
 */
export const sendAlert = async (
  webhook: string,
  report: Pick<CadenceReport, 'cadence' | 'folder' | 'steps'>,
): Promise<void> => {
  const found = report.steps.filter(({ outcome }) => outcome === 'found');
  const response = await fetch(webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      text: `Ringfence ${report.cadence} isolation tests: ${found.map(({ step, summary }) => `${step}: ${summary}`).join('; ')}`,
      cadence: report.cadence,
      folder: report.folder,
      found,
    }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new RingfenceError('alert_failed', 'the alert webhook does not answer', { cause: error });
  });
  if (!response.ok)
    throw new RingfenceError('alert_failed', `the alert webhook answered with status ${response.status}`);
};
