/**
 * Writes what the pages say of commands, settings and the like, from their declarations. A test fails until it has run.
 *
 *     npm run docs
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { filled } from './fill.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));

for (const name of readdirSync(docs).filter((file) => file.endsWith('.md'))) {
  const path = join(docs, name);
  const before = readFileSync(path, 'utf8');
  const after = filled(before);
  if (after === before) continue;
  writeFileSync(path, after);
  console.log(`docs/${name}`);
}
