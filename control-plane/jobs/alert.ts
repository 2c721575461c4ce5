import { RingfenceError } from '../../core/errors.js';

const TIMEOUT_MS = 10_000;

/** An alert for a person. It holds no id, secret or row. */
export interface Alert {
  /** One line for people, as chat tools show it. */
  readonly text: string;
  readonly kind: 'isolation' | 'backup' | 'rehearsal' | 'erasure' | 'defences' | 'move' | 'customer-key';
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Posts an alert to a webhook as JSON. @throws RingfenceError `alert_failed` when it does not answer with 2xx. */
export const sendAlert = async (webhook: string, alert: Alert): Promise<void> => {
  const response = await fetch(webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(alert),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new RingfenceError('alert_failed', 'the alert webhook does not answer', { cause: error });
  });
  if (!response.ok)
    throw new RingfenceError('alert_failed', `the alert webhook answered with status ${response.status}`);
};
