import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { HASH } from '../../../src/domain/setup/section.ts';
import { withoutTable, withTable } from '../../../src/store/setup/toml-table.ts';

const WANTED = { group: 'servers', name: 'agentq', body: '[servers.agentq]\ncommand = "agentq"\n' };
const SECTION = `${HASH.begin}\n${WANTED.body}${HASH.end}\n`;

function outcome(edited: ReturnType<typeof withTable>): string | undefined {
  return edited.kind === 'problem' ? `${edited.line}: ${edited.words}` : edited.text;
}

const added = (text: string | undefined) => outcome(withTable(text, WANTED));
const removed = (text: string) => outcome(withoutTable(text, WANTED));

describe('our table in a TOML file', () => {
  it.each([
    ['no file', undefined, SECTION],
    ['tables', '# mine\n[servers.x]\na = 1 # one', `# mine\n[servers.x]\na = 1 # one\n${SECTION}`],
    ['values', 'a = 1\r\n', `a = 1\r\n\r\n${SECTION.replaceAll('\n', '\r\n')}`],
  ])('comes and goes: %s', (_, before, after) => {
    expect([added(before), added(after), removed(after)]).toEqual([after, after, before]);
  });

  it('is left where somebody else wrote it', () => {
    const text = '[servers]\nagentq = { command = "x" }\n';
    expect([added(text), removed(text)]).toEqual([text, text]);
  });

  it.each([
    ['a = \n', '1: is not TOML: invalid value'],
    ['a = 1\nservers = { x = 1 }\n', '2: has `servers` in a form that only a person can add to'],
    ['\n[[servers]]\n', '2: has `servers` in a form that only a person can add to'],
    [`a = """\n${SECTION}"""\n`, '3: has the markers of agentq around text that agentq did not write'],
    [`${HASH.begin}\n[x]\n${HASH.end}\n`, '1: has the markers of agentq around text that agentq did not write'],
  ])('does not go into %j', (text, words) => {
    expect(added(text)).toBe(words);
  });

  it('changes nothing of others', () => {
    const line = fc.constantFrom(
      'a = 1',
      '[b]',
      '[servers.x]',
      'c = """',
      '"""',
      "'''",
      HASH.begin,
      HASH.end,
      '[servers]',
      'd = [ # x',
      ']',
      '',
    );
    const text = fc
      .tuple(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean())
      .map(([lines, eol, isEnded]) => lines.join(eol) + (isEnded ? eol : ''));
    fc.assert(
      fc.property(text, (before) => {
        const [now, without] = [withTable(before, WANTED), withoutTable(before, WANTED)];
        if (now.kind === 'problem' || without.kind === 'problem') return;
        const text = String(now.text);
        expect([withTable(text, WANTED), withoutTable(text, WANTED)]).toEqual([now, without]);
        const { servers, ...others } = parse(text);
        expect(servers).toMatchObject({ agentq: { command: 'agentq' } });
        expect(parse(String(without.text ?? ''))).toMatchObject(others);
      }),
      { numRuns: 200 },
    );
  });
});
