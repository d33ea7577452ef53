import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskSecrets, secretsIn } from '../../../src/domain/secrets/mask.ts';

/** Text as by chance, the same each time: keys in the sources would alarm those who look for keys in sources. */
function random(length: number, letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'): string {
  let state = 7;
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647;
    return letters[state % letters.length];
  }).join('');
}

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const DIGITS = '0123456789';
const HEX = '0123456789abcdef';

/** What a command may print, and what of it nobody may read. */
const SECRETS: readonly (readonly [string, string, string])[] = [
  ['GitHub', 'ghp_', random(36)],
  ['GitHub, fine-grained', 'github_pat_', `${random(22)}_${random(59)}`],
  ['GitHub, of an action', 'using ghs_', random(36)],
  ['GitLab', 'glpat-', random(20)],
  ['AWS, id', 'AKIA', random(16, CAPITALS)],
  ['AWS, key', 'aws_secret_access_key = ', random(40)],
  ['AWS, key without a name', '', `${random(19)}/${random(20)}`],
  ['OpenAI', 'sk-proj-', random(120)],
  ['Anthropic', 'sk-ant-api03-', `${random(93)}AA`],
  ['Anthropic, of a login', 'sk-ant-oat01-', `${random(93)}AA`],
  ['Slack', 'xoxb-', `${random(12, DIGITS)}-${random(12, DIGITS)}-${random(24)}`],
  ['Slack, a hook', 'https://hooks.slack.com/services/', `T${random(8)}/B${random(8)}/${random(24)}`],
  ['npm', 'npm_', random(36)],
  ['Stripe', 'sk_live_', random(24)],
  ['Google', 'AIza', random(35)],
  ['SendGrid', 'SG.', `${random(22)}.${random(43)}`],
  ['Hugging Face', 'hf_', random(34)],
  ['PyPI', 'pypi-', random(60)],
  ['Docker', 'dckr_pat_', random(27)],
  ['Vault', 'hvs.', random(90)],
  ['Telegram', `bot${random(9, DIGITS)}:`, `AA${random(33)}`],
  ['a JSON web token', 'eyJ', `hbGciOiJI.eyJ${random(30)}.${random(43)}`],
  ['a JSON web token that is cut off', 'eyJ', `hbGciOiJI.eyJ${random(30)}`],
  ['a password in an address', 'https://user:', 's3cr3t!pw@'],
  ['a name that is a token', 'git clone https://', `${random(20)}@`],
  ['a connection string', 'postgres://app:', 'hunter22@'],
  ['a header', 'authorization: ', 'Basic YTpi'],
  ['a header in an object', `{"Authorization": "Bearer `, 'a1b2c3d4"'],
  ['a cookie', 'Set-Cookie: ', 'sid=abc; path=/'],
  ['a variable', 'export DB_PASSWORD=', 'hunter2'],
  ['a quoted value', `  "clientSecret": "`, 'two words"'],
  ['a key in hex', 'api_key: ', random(32, HEX)],
  ['an option', 'mysql --password ', 'hunter2'],
  ['a signed address', 'https://blob.example/x?se=1&sig=', `${random(20)}%3D`],
];

describe('what is masked', () => {
  it.each(SECRETS)('%s', (_, before, secret) => {
    const [first = '', second = '', last] = maskSecrets(['one', `got ${before}${secret} here`, 'two']).values();
    expect([first, last]).toEqual(['one', 'two']);
    const left = secret.replace(/[@"]/g, '');
    expect(second).not.toContain(left.slice(0, 12));
    expect(second).not.toContain(left.slice(-5));
    expect(second).toContain('***');
  });

  it.each([
    ['whole', 0, 4],
    ['its beginning', 0, 2],
    ['its end', 2, 4],
    ['its middle', 1, 3],
  ])('a private key with lines of its own: %s', (_, from, to) => {
    const short = 'MIIEpAIBAAKCAQEA';
    const key = ['-----BEGIN RSA PRIVATE KEY-----', random(64), `${random(64)}`, '-----END RSA PRIVATE KEY-----'];
    const masked = maskSecrets(['before', ...key.slice(from, to)]);
    expect(masked).toEqual(['before', ...key.slice(from, to).map(() => '***')]);
    expect(maskSecrets([key[0] ?? '', short, key[3] ?? '', 'after'])).toEqual(['***', '***', '***', 'after']);
  });

  it('the values of variables that are secret by their names, in every form', () => {
    const env = {
      DEPLOY_TOKEN: 'correct horse/battery',
      LANG: 'en_GB.UTF-8',
      MY_KEY: 'short',
      SSH_KEY: 'line one\nline two',
    };
    const secrets = secretsIn({ ...env, AGENTQ_CLAIM_TOKEN: 'not-this-one' });
    const said = [
      'correct horse/battery!',
      'x=correct+horse%2Fbattery',
      'en_GB.UTF-8 short',
      'line two',
      'not-this-one',
    ];
    expect(maskSecrets(said, secrets)).toEqual(['***!', 'x=***', 'en_GB.UTF-8 short', '***', 'not-this-one']);
  });
});

it('what people need to read is left', () => {
  const lines = [
    "src/store/reading/task-reader.ts(12,5): error TS2345: Argument of type 'string' is not assignable",
    '    at Object.<anonymous> (/home/ci/projects/Shop2/node_modules/@scope/some-package/dist/index.js:12:34)',
    'commit 1ccd74d0a7c5ab2f3e1d9c8b7a6f5e4d3c2b1a09, tree 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'id 0197d2b0-7c1e-7a53-b8a4-3f1f0a2b4c5d in 12.5s, 3 of 40 tests failed',
    'npm ERR! code ELIFECYCLE, see /root/.npm/_logs/2026-11-30T14_00_00_000Z-debug-0.log',
    'calculateChecksumForEveryFileInFolder2 is not a function',
    'https://example.com/a/b?page=2#top is not reachable',
    'the tokenizer has read 12 tokens, and the author is Basic',
  ];
  expect(maskSecrets(lines)).toEqual(lines);
});

it('no line is lost, and none is made, whatever is printed', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.string({ minLength: 8 })), (lines, known) => {
      expect(maskSecrets(lines, known)).toHaveLength(lines.length);
    }),
    { numRuns: 50 },
  );
});
