import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hasLogin, type MeetingUrl, parseMeeting, showMeeting } from '../../../src/domain/meeting/meeting-url.ts';

const REDIS: MeetingUrl = {
  kind: 'redis',
  secrecy: 'plain',
  hosts: [{ name: 'cache', port: 6379 }],
  login: undefined,
  database: 0,
  prefix: 'agentq',
};
const ETCD: MeetingUrl = { ...REDIS, kind: 'etcd', hosts: [{ name: 'cache', port: 2379 }] };

describe('a meeting place', () => {
  it.each<[string, MeetingUrl]>([
    ['redis://cache', REDIS],
    ['redis://cache:6379/0', REDIS],
    ['redis://cache/', REDIS],
    ['rediss://cache:7000/12', { ...REDIS, secrecy: 'tls', hosts: [{ name: 'cache', port: 7000 }], database: 12 }],
    ['redis://:s%2F%40%20c@cache', { ...REDIS, login: { user: undefined, password: 's/@ c' } }],
    ['redis://bot:pw@cache?prefix=team-1:', { ...REDIS, login: { user: 'bot', password: 'pw' }, prefix: 'team-1:' }],
    ['redis://[::1]:1/3', { ...REDIS, hosts: [{ name: '::1', port: 1 }], database: 3 }],
    ['redis://[64:ff9b::192.0.2.33]', { ...REDIS, hosts: [{ name: '64:ff9b::192.0.2.33', port: 6379 }] }],
    ['redis://my_redis', { ...REDIS, hosts: [{ name: 'my_redis', port: 6379 }] }],
    ['etcd://cache', ETCD],
    ['etcds://root:p%3Aw@cache:2379/', { ...ETCD, secrecy: 'tls', login: { user: 'root', password: 'p:w' } }],
    [
      'etcd://a,b:1,[fe80::1]',
      {
        ...ETCD,
        hosts: [
          { name: 'a', port: 2379 },
          { name: 'b', port: 1 },
          { name: 'fe80::1', port: 2379 },
        ],
      },
    ],
  ])('is read from %s', (text, url) => {
    expect(parseMeeting(text)).toEqual({ kind: 'url', url });
  });

  it('can be off', () => {
    expect(parseMeeting('off')).toEqual({ kind: 'off' });
  });

  it.each([
    ['', /redis:\/\/, rediss:\/\//],
    ['Off', /must be off/],
    ['localhost:6379', /begin with/],
    ['http://cache', /begin with/],
    ['constructor://cache', /begin with/],
    ['redis:/cache', /begin with/],
    ['redis://', /host is missing/],
    ['redis://:6379', /host is missing/],
    ['redis://cache:', /a port/],
    ['redis://cache:0', /a port/],
    ['redis://cache:65536', /a port/],
    ['redis://cache:6379:1', /brackets/],
    ['redis://::1', /brackets/],
    ['redis://fe80::1', /brackets/],
    ['redis://[::1', /brackets/],
    ['redis://[1::2::3]', /neither/],
    ['redis://[::1%25eth0]', /neither/],
    ['redis://[::256.1.1.1]', /neither/],
    ['redis://-cache', /neither/],
    ['redis://cache/a', /number of a database/],
    ['redis://cache/0/1', /number of a database/],
    ['redis://a,b', /several hosts/],
    ['redis://cache#0', /#/],
    ['redis://cache?db=1', /only thing/],
    ['redis://cache?prefix=a&prefix=b', /only thing/],
    ['redis://cache?prefix=', /only thing/],
    ['redis://cache?prefix=a%20b', /only thing/],
    ['etcd://cache/0', /no databases/],
    ['etcd://:s3cret@cache', /name before/],
    ['redis://s3cret@cache', /password is missing/],
    ['redis://s3cret:@cache', /password is missing/],
    ['redis://a:s3cret:b@cache', /%3A/],
    ['redis://a:s3cret@b@cache', /%40/],
    ['redis://a:s3cret/b@cache', /%2F/],
    ['redis://a:s3cret?b@cache', /%3F/],
    ['redis://a:s3cret%@cache', /%25/],
    ['redis://a:s3cret%0a@cache', /control/],
    ['redis://a:s3cret b@cache', /blank/],
    ['redis://cache\n', /blank/],
    ['redis://cäche', /blank/],
    [`etcd://${Array.from({ length: 10 }, () => 'a').join(',')}`, /9 hosts/],
  ])('is not read from %j', (text, problem) => {
    const choice = parseMeeting(text);
    expect(choice).toMatchObject({ kind: 'problem', problem: expect.stringMatching(problem) });
    expect(JSON.stringify(choice)).not.toContain('s3cret');
  });

  it('is not read from a text of any length', () => {
    expect(parseMeeting(`redis://${'a'.repeat(2_000)}`)).toMatchObject({ problem: 'it has more than 2000 characters' });
  });

  it('is shown without its login, and is the same place when it is read again', () => {
    const login = fc.option(fc.record({ user: fc.string({ minLength: 1 }), password: fc.string({ minLength: 1 }) }));
    const host = fc.constantFrom('cache', '10.0.0.1', '[::1]', 'a.b-c.example');
    const place = fc.record({ login, host, port: fc.integer({ min: 1, max: 65_535 }), tls: fc.constantFrom('', 's') });
    fc.assert(
      fc.property(place, ({ login: given, host: name, port, tls }) => {
        const user = given ? `${encodeURIComponent(given.user)}:${encodeURIComponent(given.password)}@` : '';
        const text = `etcd${tls}://${user}${name}:${port}`;
        const choice = parseMeeting(text);
        expect(hasLogin(text)).toBe(given !== null);
        if (choice.kind !== 'url') throw new Error(JSON.stringify(choice));
        expect(choice.url.login ?? null).toEqual(given);
        expect(showMeeting(choice.url)).toBe(`etcd${tls}://${given ? '***@' : ''}${name}:${port}`);
      }),
    );
  });
});
