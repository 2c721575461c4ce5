-- Nothing else keeps a role from taking itself out of every policy and grant (DROP OWNED BY CURRENT_USER). A provider that keeps
-- the superuser to itself may not let anybody have event triggers.
SELECT 'ringfence_definitions' AS object, 'the event trigger that keeps definitions to the administrator is missing or off' AS problem,
       'DROP EVENT TRIGGER IF EXISTS ringfence_definitions; CREATE EVENT TRIGGER ringfence_definitions ON ddl_command_start '
         || 'EXECUTE FUNCTION ringfence_private.refuse_definitions(); ALTER EVENT TRIGGER ringfence_definitions ENABLE ALWAYS;' AS fix
 WHERE NOT EXISTS (SELECT FROM administrator)
   AND NOT EXISTS (SELECT FROM pg_event_trigger e
                    WHERE e.evtname = 'ringfence_definitions' AND e.evtevent = 'ddl_command_start' AND e.evttags IS NULL
                      AND e.evtfoid = to_regproc('ringfence_private.refuse_definitions') AND e.evtenabled = 'A')
