import { attempt, execute, type RepairRun } from './attempt.js';

/** An event trigger with its state, as the statement that brings it back. */
interface PausedTrigger {
  readonly name: string;
  readonly resume: string;
}

/**
 * Switches event triggers off in this transaction: one whose function always fails would refuse whatever mends it. Event
 * triggers do not fire for statements about event triggers.
 */
export const pauseEventTriggers = async (run: RepairRun): Promise<PausedTrigger[]> => {
  const { rows } = await run.client.query<PausedTrigger>(
    `SELECT quote_ident(evtname) AS name,
            format('ALTER EVENT TRIGGER %I ENABLE%s', evtname, CASE evtenabled WHEN 'A' THEN ' ALWAYS' WHEN 'R' THEN ' REPLICA' ELSE '' END) AS resume
       FROM pg_event_trigger WHERE evtenabled <> 'D' AND evtevent <> 'login'`,
  );
  const paused: PausedTrigger[] = [];
  for (const trigger of rows)
    if (!(await attempt(run, () => execute(run.client, `ALTER EVENT TRIGGER ${trigger.name} DISABLE`))))
      paused.push(trigger);
  return paused;
};

/** The comparison with the release finds a trigger that is gone meanwhile. */
export const resumeEventTriggers = async (
  run: RepairRun,
  paused: readonly PausedTrigger[],
): Promise<void> => {
  for (const { resume } of paused) await attempt(run, () => execute(run.client, resume));
};
