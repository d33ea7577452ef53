// Bundles the CLI into dist/agentq.js: one ESM file, in which every `import()` is evaluated only when it is reached.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

mkdirSync(join(root, 'dist'), { recursive: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: ['src/main.ts'],
  outfile: 'dist/agentq.js',
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  // Compiling is most of what start-up costs beyond bare node, and it goes by size: 963 kB with all of zod's languages
  // (see the rule on its import in test/architecture.test.ts), 511 kB without, 367 kB with short identifiers.
  minify: true,
  legalComments: 'none',
  metafile: true,
  define: { AGENTQ_VERSION: JSON.stringify(version), AGENTQ_KIT: JSON.stringify(readKit('.agents-core')) },
  // CommonJS dependencies (commander, debug) call require() for node's own modules.
  banner: {
    js: "import { createRequire as __agentqRequire } from 'node:module'; const require = __agentqRequire(import.meta.url);",
  },
  logLevel: 'warning',
});

// The bundle contains its dependencies, so their licences travel with it.
const packages = new Set();
for (const input of Object.keys(result.metafile.inputs)) {
  const match = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
  if (match) packages.add(match[1]);
}
const licences = [...packages].sort().map((name) => {
  const dir = join(root, 'node_modules', name);
  const meta = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'license', 'LICENCE']) {
    try {
      return `${name} ${meta.version} (${meta.license})\n\n${readFileSync(join(dir, file), 'utf8').trim()}\n`;
    } catch {
      // Not under this name: try the next.
    }
  }
  return `${name} ${meta.version} (${meta.license})\n`;
});
writeFileSync(join(root, 'dist', 'LICENSES.txt'), licences.join('\n---\n\n'));

/** The files that `agentq init` installs, by path: part of the bundle, so that they are always those of its version. */
function readKit(folder) {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return Object.assign(
    {},
    ...entries.map((entry) => {
      const path = `${folder}/${entry.name}`;
      return entry.isDirectory() ? readKit(path) : { [path]: readFileSync(join(root, path), 'utf8') };
    }),
  );
}
