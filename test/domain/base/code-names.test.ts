import { expect, it } from 'vitest';
import { holdsCode } from '../../../src/domain/base/code-names.ts';
import { LAYOUT_NAMES, locationOf } from '../../../src/domain/queue/layouts.ts';

it.each([
  [['.agents', '.agents-core', 'state'], false],
  [['.agents', '.github', '.gitlab-ci.yml', '.gitattributes', 'README.md', 'LICENSE', 'CODEOWNERS'], false],
  [[], false],
  [['.agents', 'src'], true],
  [['.agents', 'package.json'], true],
  [['README.md', 'readme-generator.py'], true],
])('a branch with %j holds code: %s', (names, expected) => {
  expect(holdsCode(names)).toBe(expected);
});

it('no layout is code', () => {
  const roots = LAYOUT_NAMES.flatMap((layout) => Object.values(locationOf(layout, 'shop').folders)).map(
    (folder) => folder.split('/')[0] ?? '',
  );
  expect(holdsCode([...roots])).toBe(false);
});
