import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { circleIn } from './kit/circle-in.ts';

/** Rules of the house, read off the sources: what is only written down erodes. */

const root = fileURLToPath(new URL('..', import.meta.url));

interface SourceFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  readonly imports: readonly Import[];
}

interface Import {
  /** A path in the repository for relative imports, else the module's name. */
  readonly to: string;
  readonly kind: 'static' | 'type' | 'dynamic';
}

/**
 * From the top down; a layer may use itself and what is below it, and everything may use `domain`. Programs of their own
 * start this one and others, or write down what it declares. The page is one, too, which runs in a browser.
 */
const LAYERS = ['program', 'page', 'main', 'cli', 'lab', 'engine', 'machine', 'store', 'git', 'domain'] as const;
type Layer = (typeof LAYERS)[number];

/** Start this very agentq, or the algorithm it replaces, for commands that show or measure what several agents do at once. */
const START_AGENTS: readonly string[] = ['src/cli/command/own-process.ts', 'lab/simulation/agent-process.ts'];

/** Runs what the user gives `agentq work` to run: not git, and no business of the layer that knows git. */
const RUNS_COMMANDS = 'src/cli/commands/work/command-process.ts';

/** Libraries that run in a browser. */
const ON_THE_PAGE = /^(preact|@preact\/signals|uplot|@dagrejs\/dagre)(\/|$)/;

const sources = [...filesBelow('src'), ...filesBelow('lab')].filter((path) => /\.tsx?$/.test(path)).map(read);

describe('the architecture', () => {
  it('has sources to look at', () => {
    expect(sources.length).toBeGreaterThan(20);
  });

  it('lets layers use only what is below them', () => {
    const wrong = eachImport((file, { to }) => {
      if (!isOurs(to)) return false;
      return LAYERS.indexOf(layerOf(to)) < LAYERS.indexOf(layerOf(file.path));
    });
    expect(wrong).toEqual([]);
  });

  it('has no circle of files, imports of types counted', () => {
    const to = new Map(sources.map(({ path, imports }) => [path, imports.map((each) => each.to).filter(isOurs)]));
    expect(circleIn(to)).toBeUndefined();
  });

  it('has no circle of folders, imports of types counted', () => {
    const to = new Map<string, string[]>();
    for (const { path, imports } of sources) {
      const folder = posix.dirname(path);
      const others = imports.filter((each) => isOurs(each.to)).map((each) => posix.dirname(each.to));
      to.set(folder, [...(to.get(folder) ?? []), ...others.filter((other) => other !== folder)]);
    }
    expect(circleIn(to)).toBeUndefined();
  });

  it('has no folder that takes long to look through', () => {
    expect(crowded(sources.map(({ path }) => path))).toEqual([]);
  });

  it('keeps the domain pure: it imports nothing but itself', () => {
    const wrong = eachImport((file, { to }) => layerOf(file.path) === 'domain' && !to.startsWith('src/domain/'));
    expect(wrong).toEqual([]);
  });

  it('keeps the page to what runs in a browser: itself, the domain and its libraries, and nothing else imports it', () => {
    const wrong = eachImport((file, { to }) => {
      if (layerOf(file.path) !== 'page') return isOurs(to) && layerOf(to) === 'page';
      return isOurs(to) ? !['page', 'domain'].includes(layerOf(to)) : !ON_THE_PAGE.test(to);
    });
    expect(wrong).toEqual([]);
  });

  it('starts processes and uses simple-git in src/git and in programs of lab only', () => {
    const wrong = eachImport(
      (file, { to }) =>
        /^(node:)?child_process$|^simple-git|^@simple-git/.test(to) &&
        !['git', 'program'].includes(layerOf(file.path)) &&
        !START_AGENTS.includes(file.path) &&
        file.path !== RUNS_COMMANDS,
    );
    expect(wrong).toEqual([]);
  });

  it('knows sockets in src/machine only', () => {
    const wrong = eachImport((file, { to }) => to === 'node:net' && layerOf(file.path) !== 'machine');
    expect(wrong).toEqual([]);
  });

  it('reads the process, its environment and its console in src/cli, src/main.ts and lab only', () => {
    const global = /\bprocess\.(env|argv|cwd|exit|exitCode|on|once|std(in|out|err))\b|\bconsole\.|from 'node:process'/;
    expect(mentions(global, ['cli', 'main', 'lab', 'program'])).toEqual([]);
  });

  it('takes time and chance from outside below src/cli, programs of lab excepted', () => {
    const impure = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b/;
    expect(mentions(impure, ['cli', 'main', 'program', 'page'])).toEqual([]);
  });

  it('evaluates heavy modules only where a command needs them', () => {
    const heavy = /^(zod|simple-git|ioredis|@toon-format\/toon|p-retry|prom-client|@modelcontextprotocol)/;
    const reached = reachableStatically(['src/main.ts', 'src/cli/run.ts']);
    const wrong = eachImport((file, { to, kind }) => kind === 'static' && heavy.test(to) && reached.has(file.path));
    expect(wrong).toEqual([]);
    expect(reachableStatically(['src/main.ts'])).not.toContain('src/cli/program.ts');
  });

  it("imports zod in its small form: each schema of the other costs ten times as much, 2 ms of every claim's 100", () => {
    expect(eachImport((_, { to }) => to === 'zod' || /^zod\/(?!mini$)/.test(to))).toEqual([]);
  });

  it('imports zod as a namespace: imported by name, all of its locales are bundled', () => {
    const wrong = sources.filter((file) => /^import (?!type\b|\* as ).* from 'zod/m.test(file.text));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it("loads node's promises of files, which bring its line editor along, only where they are used", () => {
    const onTheWay = new Set(reachableStatically(['src/engine/open/open-queue.ts', 'src/engine/open/git-side.ts']));
    expect(eachImport((file, { to }) => to === 'node:fs/promises' && onTheWay.has(file.path))).toEqual([]);
  });

  it('exports by name, from modules that say what they are for', () => {
    const wrong = sources.filter(
      ({ path, tree }) =>
        /(^|\/)(utils?|helpers?|misc|common|index)\.tsx?$/.test(path) ||
        tree.statements.some((node) => ts.isExportAssignment(node) || isReExport(node) || isDefault(node)),
    );
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('imports with the file extension', () => {
    const wrong = sources.filter((file) => /from '\.[^']*(?<!\.(?:tsx?|mjs))'/.test(file.text));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('keeps files short enough to be read', () => {
    const long = sources.filter((file) => file.text.split('\n').length > 320);
    expect(long.map((file) => `${file.path}: ${file.text.split('\n').length} lines`)).toEqual([]);
  });

  it('says of every exported function and class what it does', () => {
    const silent = sources.flatMap(({ path, tree }) =>
      tree.statements.filter(isExportedCode).flatMap((node) => {
        const isDocumented = ts.getJSDocCommentsAndTags(node).length > 0;
        return isDocumented ? [] : [`${path}: ${node.name?.text ?? '(no name)'}`];
      }),
    );
    expect(silent).toEqual([]);
  });

  it('escapes no type check', () => {
    const wrong = sources.filter((file) => /@ts-(ignore|expect-error|nocheck)|biome-ignore|\bas any\b/.test(file.text));
    expect(wrong.map((file) => file.path)).toEqual([]);
  });
});

/** Folders of tests that have the tree of sources: `test/git/answers` tests `src/git/answers`, `test/lab/model` `lab/model`. */
const MIRRORED = /^test\/(?:cli|engine|machine|store|git|domain|lab|page)\//;

describe('the tree of tests', () => {
  const files = filesBelow('test');
  const code = files.filter((path) => path.endsWith('.ts'));

  it('is the tree of sources', () => {
    const lost = code.filter((path) => {
      const [, folder = ''] = /^test\/(.*)\//.exec(path) ?? [];
      return MIRRORED.test(path) && !sources.some((source) => isIn(source.path, folder));
    });
    expect(lost).toEqual([]);
  });

  it('has nothing but tests beside the sources: what they share is in test/kit', () => {
    expect(code.filter((path) => MIRRORED.test(path) && !path.endsWith('.test.ts'))).toEqual([]);
  });

  it('has no folder that takes long to look through', () => {
    expect(crowded(code)).toEqual([]);
  });

  it('has files short enough to be read', () => {
    const lengths = code.map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length }));
    expect(lengths.filter(({ lines }) => lines > 320)).toEqual([]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => posix.relative(root.replace(/\\/g, '/'), posix.join(entry.parentPath, entry.name)))
    .sort();
}

function read(path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8');
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  return { path, text, tree, imports: importsOf(path, tree) };
}

function importsOf(path: string, tree: ts.SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: Import['kind']): void => {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const to = specifier.text;
    imports.push({ to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to, kind });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const names = clause?.namedBindings;
      const isTypeOnly =
        clause?.isTypeOnly === true ||
        (names !== undefined && ts.isNamedImports(names) && names.elements.every((element) => element.isTypeOnly));
      add(node.moduleSpecifier, isTypeOnly ? 'type' : 'static');
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, 'static');
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], 'dynamic');
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return imports;
}

/** Folders with more loose files than are taken in at a glance, with their number. */
function crowded(paths: readonly string[]): [folder: string, count: number][] {
  const counts = new Map<string, number>();
  for (const path of paths) counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 16);
}

/** @param folder as it is called below `test` */
function isIn(source: string, folder: string): boolean {
  return source.startsWith(`${folder.startsWith('lab/') ? '' : 'src/'}${folder}/`);
}

/** Whether it is a file of this repository's, and no package. */
function isOurs(path: string): boolean {
  return path.startsWith('src/') || path.startsWith('lab/');
}

function layerOf(path: string): Layer {
  if (/^lab\/(?:bench|peers|pictures|reference)\//.test(path)) return 'program';
  const name = path.startsWith('lab/') ? 'lab' : /^src\/([a-z]+)/.exec(path)?.[1];
  const layer = LAYERS.find((candidate) => candidate === name);
  if (layer === undefined) throw new Error(`${path} is in no layer`);
  return layer;
}

function eachImport(isWrong: (file: SourceFile, imported: Import) => boolean): string[] {
  return sources.flatMap((file) =>
    file.imports.filter((imported) => isWrong(file, imported)).map(({ to }) => `${file.path} -> ${to}`),
  );
}

/** Code that matches, comments and strings left out of it where they are on lines of their own. */
function mentions(pattern: RegExp, allowed: readonly Layer[]): string[] {
  return sources
    .filter((file) => !allowed.includes(layerOf(file.path)))
    .flatMap((file) =>
      file.text
        .split('\n')
        .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line) && pattern.test(line))
        .map((line) => `${file.path}: ${line.trim()}`),
    );
}

function reachableStatically(entries: readonly string[]): Set<string> {
  const reached = new Set<string>();
  const open = [...entries];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const file = sources.find((source) => source.path === path);
    for (const { to, kind } of file?.imports ?? []) if (kind === 'static' && isOurs(to)) open.push(to);
  }
  return reached;
}

function isReExport(node: ts.Statement): boolean {
  return ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined;
}

function isDefault(node: ts.Statement): boolean {
  return ts.canHaveModifiers(node) && hasModifier(node, ts.SyntaxKind.DefaultKeyword);
}

function isExportedCode(node: ts.Statement): node is ts.FunctionDeclaration | ts.ClassDeclaration {
  return (
    (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && hasModifier(node, ts.SyntaxKind.ExportKeyword)
  );
}

function hasModifier(node: ts.HasModifiers, kind: ts.SyntaxKind): boolean {
  return ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) === true;
}
