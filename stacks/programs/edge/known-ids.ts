/** What Cloudflare has, by the names that the program gives, with the ids that Cloudflare gave. */
export interface KnownThings {
  /** By title. */
  readonly namespaces: ReadonlyMap<string, string>;
  /** By pattern. */
  readonly routes: ReadonlyMap<string, string>;
  /** By host. */
  readonly customHostnames: ReadonlyMap<string, string>;
  /** By name. */
  readonly records: ReadonlyMap<string, string>;
}

type Look = (inputs: Readonly<Record<string, unknown>>, things: KnownThings) => string | undefined;

const by =
  (kind: keyof KnownThings, name: string): Look =>
  (inputs, things) =>
    things[kind].get(String(inputs[name]));

/** Where the id of a thing is found. Making one of the other types again finds what is there. */
const LOOKS: Readonly<Record<string, Look>> = {
  'cloudflare:index/customHostname:CustomHostname': by('customHostnames', 'hostname'),
  'cloudflare:index/dnsRecord:DnsRecord': by('records', 'name'),
  'cloudflare:index/workersKvNamespace:WorkersKvNamespace': by('namespaces', 'title'),
  'cloudflare:index/workersRoute:WorkersRoute': by('routes', 'pattern'),
};

/** Whether a thing of the type, once made, has to be found by its name. */
export const hasKnownId = (type: string): boolean => type in LOOKS;

/** The id of a thing that may be there, though the state does not say so. */
export const knownId =
  (things: KnownThings) =>
  (type: string, inputs: Readonly<Record<string, unknown>>): string | undefined =>
    LOOKS[type]?.(inputs, things);
