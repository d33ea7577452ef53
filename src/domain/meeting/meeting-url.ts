/** Where machines meet: a Redis or an etcd, as `redis://host:6379/0` or `etcds://user:password@host` names it. */
export interface MeetingUrl {
  readonly kind: 'redis' | 'etcd';
  readonly secrecy: 'tls' | 'plain';
  /** At least one. Redis has exactly one; for etcd, each is a member of the same cluster. */
  readonly hosts: readonly MeetingHost[];
  /** undefined: the server asks for none. */
  readonly login: Login | undefined;
  /** Number of the database; 0 for etcd, which has no others. */
  readonly database: number;
  /** Every key that agentq makes there begins with it, and a colon or a slash. */
  readonly prefix: string;
}

export interface MeetingHost {
  /** A name or an address; an IPv6 address has no brackets. */
  readonly name: string;
  readonly port: number;
}

export interface Login {
  /** undefined: the server has one password for all. */
  readonly user: string | undefined;
  readonly password: string;
}

/** What a text says about where to meet. A problem never repeats the text, in which there may be a password. */
export type MeetingChoice =
  | { readonly kind: 'off' }
  | { readonly kind: 'url'; readonly url: MeetingUrl }
  | { readonly kind: 'problem'; readonly problem: string };

/** Longest URL (characters) that is read. */
export const LONGEST_URL = 2_000;
const MOST_HOSTS = 9;
const DEFAULT_PREFIX = 'agentq';
const MOST_DATABASES = 10_000;

const SCHEMES: Readonly<Record<string, Pick<MeetingUrl, 'kind' | 'secrecy'>>> = {
  redis: { kind: 'redis', secrecy: 'plain' },
  rediss: { kind: 'redis', secrecy: 'tls' },
  etcd: { kind: 'etcd', secrecy: 'plain' },
  etcds: { kind: 'etcd', secrecy: 'tls' },
};

const DEFAULT_PORTS = { redis: 6379, etcd: 2379 } as const;

/** A rule of the URL is broken. Its message is for the user, and repeats nothing of the URL. */
class Wrong extends Error {}

/** Reads `off`, or the URL of a meeting place. Strict: what it does not know is a problem, and not left out. */
export function parseMeeting(text: string): MeetingChoice {
  if (text === 'off') return { kind: 'off' };
  try {
    return { kind: 'url', url: parseUrl(text) };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    return { kind: 'problem', problem: error.message };
  }
}

/** Why the text is not the URL of a meeting place; undefined if it is, or says `off`. */
export function meetingProblem(text: string): string | undefined {
  const choice = parseMeeting(text);
  return choice.kind === 'problem' ? choice.problem : undefined;
}

/** Whether the text has a name or a password in it, even if it is not a usable URL. */
export function hasLogin(text: string): boolean {
  const start = text.indexOf('://');
  return start >= 0 && text.includes('@', start);
}

/** The URL for people and logs: without its login. */
export function showMeeting({ kind, secrecy, hosts, login, database, prefix }: MeetingUrl): string {
  const at = hosts.map(({ name, port }) => `${name.includes(':') ? `[${name}]` : name}:${port}`).join(',');
  const path = kind === 'redis' ? `/${database}` : '';
  const query = prefix === DEFAULT_PREFIX ? '' : `?prefix=${prefix}`;
  return `${kind}${secrecy === 'tls' ? 's' : ''}://${login ? '***@' : ''}${at}${path}${query}`;
}

function parseUrl(text: string): MeetingUrl {
  if (text.length > LONGEST_URL) throw new Wrong(`it has more than ${LONGEST_URL} characters`);
  if (!/^[!-~]*$/.test(text)) {
    throw new Wrong('it has a blank or another character that URLs do not have: write it as %20, for example');
  }
  const [, scheme = '', rest = ''] = /^([^:]*):\/\/(.*)$/.exec(text) ?? [];
  const known = Object.hasOwn(SCHEMES, scheme) ? SCHEMES[scheme] : undefined;
  if (known === undefined) throw new Wrong('it must be off, or begin with redis://, rediss://, etcd:// or etcds://');
  const { kind } = known;
  const end = rest.search(/[/?#]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  const [, path = '', query, fragment] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(end < 0 ? '' : rest.slice(end)) ?? [];
  if (path.includes('@') || query?.includes('@') || fragment?.includes('@')) {
    throw new Wrong('a name or password with / ? or # in it writes them as %2F, %3F and %23');
  }
  if (fragment !== undefined) throw new Wrong('it has a #, and nothing can follow it');
  const at = authority.lastIndexOf('@');
  return {
    ...known,
    hosts: hostsOf(authority.slice(at + 1), kind),
    login: at < 0 ? undefined : loginOf(authority.slice(0, at), kind),
    database: databaseOf(path, kind),
    prefix: prefixOf(query),
  };
}

function loginOf(text: string, kind: MeetingUrl['kind']): Login {
  const colon = text.indexOf(':');
  if (colon < 0 || colon === text.length - 1)
    throw new Wrong('a password is missing before the @, as in user:password@');
  const user = decoded(text.slice(0, colon));
  const password = decoded(text.slice(colon + 1));
  if (user === '' && kind === 'etcd') throw new Wrong('etcd needs a name before the password, as in root:password@');
  return { user: user === '' ? undefined : user, password };
}

function decoded(text: string): string {
  if (/[:@[\]]/.test(text))
    throw new Wrong('a name or password with : @ [ or ] in it writes them as %3A, %40, %5B and %5D');
  let plain: string;
  try {
    plain = decodeURIComponent(text);
  } catch {
    throw new Wrong('a % in a name or password is written as %25');
  }
  for (const character of plain)
    if (character < ' ' || character === '\x7f') throw new Wrong('a name or password has a control character');
  return plain;
}

function hostsOf(text: string, kind: MeetingUrl['kind']): MeetingHost[] {
  const hosts = text.split(',').map((part) => hostOf(part, DEFAULT_PORTS[kind]));
  if (kind === 'redis' && hosts.length > 1) throw new Wrong('it names several hosts, but a Redis has only one');
  if (hosts.length > MOST_HOSTS) throw new Wrong(`it names more than ${MOST_HOSTS} hosts`);
  return hosts;
}

function hostOf(text: string, defaultPort: number): MeetingHost {
  const [, six, name = six, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(text) ?? [];
  if (name === undefined || digits?.includes(':'))
    throw new Wrong('a host must be a name, or an address; IPv6 in brackets, as in [::1]:6379');
  if (name === '') throw new Wrong('a host is missing');
  if (six !== undefined ? !isIpv6(six) : !/^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/i.test(name)) {
    throw new Wrong('a host is neither a name nor an address');
  }
  if (digits === undefined) return { name, port: defaultPort };
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0;
  if (port < 1 || port > 65_535) throw new Wrong('a port must be a number from 1 to 65535');
  return { name, port };
}

/** Groups of digits with one `::` at most; the last two may be an IPv4 address. Without a zone. */
function isIpv6(text: string): boolean {
  const tail = /^(.*:)(\d{1,3}(?:\.\d{1,3}){3})$/.exec(text);
  const four = tail?.[2]?.split('.').every((part) => Number(part) < 256);
  if (four === false) return false;
  const parts = (four === true ? `${tail?.[1]}0:0` : text).split('::');
  if (parts.length > 2) return false;
  const groups = parts.map((part) => (part === '' ? [] : part.split(':')));
  const count = groups.flat().length;
  const isWhole = parts.length === 1 ? count === 8 : count < 8;
  return isWhole && groups.flat().every((group) => /^[0-9a-f]{1,4}$/i.test(group));
}

function databaseOf(path: string, kind: MeetingUrl['kind']): number {
  if (path === '' || path === '/') return 0;
  if (kind === 'etcd') throw new Wrong('etcd has no databases: only ?prefix= can follow the hosts');
  const database = /^\/\d{1,5}$/.test(path) ? Number(path.slice(1)) : MOST_DATABASES;
  if (database >= MOST_DATABASES) throw new Wrong('after the host comes the number of a database, as in /0');
  return database;
}

function prefixOf(query: string | undefined): string {
  if (query === undefined) return DEFAULT_PREFIX;
  const [, prefix = ''] = /^\?prefix=([^&]*)$/.exec(query) ?? [];
  if (/^[a-z0-9][a-z0-9._:/-]{0,63}$/i.test(prefix)) return prefix;
  throw new Wrong('the only thing that may follow ? is prefix= with letters, digits and . _ : / -');
}
