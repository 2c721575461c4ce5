/** Makes a function again with one text of it changed, and with the same owner and rights. */
export const changed = (routine: string, from: string, to: string): string => `DO $mutant$
  DECLARE source text := pg_get_functiondef('${routine}'::regprocedure);
  BEGIN
    IF position($from$${from}$from$ IN source) = 0 THEN RAISE 'the text to change is not in ${routine}'; END IF;
    EXECUTE replace(source, $from$${from}$from$, $to$${to}$to$);
  END $mutant$`;
