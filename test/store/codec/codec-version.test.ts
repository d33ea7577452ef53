import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { CODEC_VERSION } from '../../../src/store/codec/codec-version.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const OWN = 'src/store/codec/codec-version.ts';

it('changes the version of the codec with its code: an index that an older one wrote must not be used', () => {
  const version = versionOf(['src/store/codec/read-task.ts', 'src/store/reading/index-format.ts']);
  expect(CODEC_VERSION, `write ${version} into ${OWN}`).toBe(version);
});

/** Of the code of these files and of what they import, as it is without comments and types; of packages the version. */
function versionOf(entries: readonly string[]): string {
  const files = new Map<string, string>();
  const packages = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (files.has(path) || path === OWN) continue;
    const { outputText } = ts.transpileModule(readFileSync(join(root, path), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, removeComments: true },
    });
    files.set(path, outputText);
    for (const [, to = ''] of outputText.matchAll(/^(?:import|export)\b[^;]*?from '([^']+)';/gms)) {
      if (to.startsWith('.')) open.push(posix.join(posix.dirname(path), to));
      else if (!to.startsWith('node:')) packages.add(/^(?:@[^/]+\/)?[^/]+/.exec(to)?.[0] ?? to);
    }
  }
  const hash = createHash('sha256');
  for (const [path, code] of [...files].sort()) hash.update(`${path}\n${code}\n`);
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  for (const name of [...packages].sort()) hash.update(`${name} ${lock.packages[`node_modules/${name}`].version}\n`);
  return hash.digest('hex').slice(0, 12);
}
