// Puts the chunks that esbuild splits a bundle into together in parts of one file, by what needs them when.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { transform } from 'esbuild';

/**
 * Each part is read, and its code cache with it, when something of it is first needed: a command reads what it uses of
 * three quarters of a megabyte. What a part's roots reach by static imports belongs to it, unless an earlier part has it;
 * the last part is everything else.
 */
const PARTS = [
  // What every process needs that wants something of a queue, also one that follows another and never starts git.
  [
    'src/main.ts',
    'src/cli/run.ts',
    'src/cli/commands/claim/run.ts',
    'src/cli/commands/claim/render.ts',
    'src/cli/commands/heartbeat/run.ts',
    'src/cli/commands/heartbeat/render.ts',
    'src/cli/commands/complete/run.ts',
    'src/cli/commands/complete/render.ts',
    'src/cli/commands/release/run.ts',
    'src/cli/commands/release/render.ts',
    'src/engine/open/open-queue.ts',
  ],
  // What starts git, which then runs while the rest of it is loaded.
  ['src/engine/open/opening.ts'],
  // What carries intents out.
  ['src/engine/open/git-side.ts', 'src/engine/combining/follower-message.ts'],
];

/** Length of the first line, as bin/agentq.js reads it. */
const INDEX_BYTES = 256;

/**
 * @param result of an esbuild build with `splitting`, `write: false` and `metafile`
 * @param target what esbuild may assume of the engine
 * @returns the file: a line that tells what it is and where each part is, in bytes, then the parts. A part is an expression:
 *   functions by the name of the chunk, each of which is given `exports`, `require` and `module`. See bin/agentq.js.
 */
export async function joinParts(result, target) {
  const chunks = chunksOf(result);
  const parts = assign(chunks);
  /** What chunks call each other: by part and place. */
  const names = new Map(
    parts.flatMap((paths, part) => paths.map((path, index) => [basename(path), `./${part}/${index}`])),
  );
  const texts = [];
  for (const paths of parts) {
    const functions = [];
    for (const path of paths) {
      const code = await asScript(chunks.get(path).text, target);
      const name = JSON.stringify(names.get(basename(path)));
      functions.push(`${name}:function(exports,require,module){${renamed(code, names)}}`);
    }
    texts.push(Buffer.from(`({${functions.join(',\n')}})\n`, 'latin1'));
  }
  return withIndex(names.get(basename(entry(chunks, 'src/main.ts'))), texts);
}

/** @returns each chunk's code, source file where it is an entry, and the chunks that it imports statically, by path */
function chunksOf({ outputFiles, metafile }) {
  const chunks = new Map();
  for (const [path, { entryPoint, imports }] of Object.entries(metafile.outputs)) {
    const file = outputFiles.find((output) => output.path.endsWith(`/${path}`));
    const needs = imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    chunks.set(path, { text: file.text, entryPoint, imports: needs.map((each) => each.path) });
  }
  return chunks;
}

function assign(chunks) {
  const taken = new Set();
  const reach = (path, members) => {
    if (taken.has(path)) return;
    taken.add(path);
    members.push(path);
    for (const each of chunks.get(path).imports) reach(each, members);
  };
  const parts = PARTS.map((roots) => {
    const members = [];
    for (const root of roots) reach(entry(chunks, root), members);
    return members;
  });
  return [...parts, [...chunks.keys()].filter((path) => !taken.has(path))];
}

/** @returns the chunk that begins with the source file */
function entry(chunks, source) {
  const found = [...chunks].find(([, { entryPoint }]) => entryPoint === source);
  if (!found) throw new Error(`${source} is no entry of the bundle: is it still imported by import()?`);
  return found[0];
}

async function asScript(code, target) {
  const { code: script } = await transform(code, {
    format: 'cjs',
    platform: 'node',
    target,
    minify: true,
    charset: 'ascii',
    legalComments: 'none',
    // Else `import()` of another chunk would go to node's loader.
    supported: { 'dynamic-import': false },
  });
  return script;
}

/** Chunks name each other by file. */
function renamed(code, names) {
  return code.replace(/require\("\.\/([^"]+)"\)/g, (_, file) => {
    if (!names.has(file)) throw new Error(`there is no chunk ${file}`);
    return `require(${JSON.stringify(names.get(file))})`;
  });
}

function withIndex(main, texts) {
  // V8 takes a code cache for any text of the same length: the id tells whose it is.
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  let at = INDEX_BYTES;
  const parts = texts.map(({ length }) => {
    const place = [at, length];
    at += length;
    return place;
  });
  const line = `//${JSON.stringify({ id: hash.digest('hex').slice(0, 16), main, parts })}`;
  return Buffer.concat([Buffer.from(`${line.padEnd(INDEX_BYTES - 1)}\n`, 'latin1'), ...texts]);
}
