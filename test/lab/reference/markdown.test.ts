import { describe, expect, it } from 'vitest';
import { pageLink, prose, table } from '../../../lab/reference/markdown.ts';

describe('prose', () => {
  it.each([
    ['with --no-sync and $AGENTQ_AGENT', 'with `--no-sync` and `$AGENTQ_AGENT`'],
    ['in the place of <task-id>', 'in the place of `<task-id>`'],
    ['`--json` is code already', '`--json` is code already'],
    ['a < b and <b>bold</b>', 'a \\< b and `<b>`bold\\</b>'],
    ['docs/doctor.md explains it', '[doctor](doctor.md) explains it'],
    ['default: <clone>-worktrees', 'default: `<clone>`-worktrees'],
    ['a well-known name -- and a dash', 'a well-known name -- and a dash'],
  ])('makes of %j Markdown that shows it', (text, markdown) => {
    expect(prose(text)).toBe(markdown);
  });
});

it('links to a heading of a page', () => {
  expect(pageLink('docs/pools.md#pausing')).toBe('[pools](pools.md#pausing)');
});

it('keeps a bar in its cell', () => {
  expect(table(['a', 'b'], [['`x | y`', 'z']])).toEqual(['| a | b |', '| --- | --- |', '| `x \\| y` | z |']);
});
