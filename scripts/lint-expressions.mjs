// Finds regular expressions in the sources that can take more than linear time on some text. Anyone who may push a
// file, a server, or a command writes the text that they are used on, and no deadline ends an expression that does not
// return.
//
// Usage: node scripts/lint-expressions.mjs [folder ...]. Prints one line per expression; exits with 1 if there is one.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RegExpParser } from '@eslint-community/regexpp';
import * as ast from 'regexp-ast-analysis';
import { analyse } from 'scslre';
import ts from 'typescript';

/**
 * Sources whose expressions see only lines that `shortLines` (src/git/process/words.ts) has cut. Such an expression may
 * scan its line once per starting point, as long as it stays within the line.
 */
const SHORT_LINES = ['git/process/local-trouble.ts', 'git/answers/remote-words.ts'];

const ours = ['../src', '../lab'].map((folder) => fileURLToPath(new URL(folder, import.meta.url)));
const folders = process.argv.length > 2 ? process.argv.slice(2) : ours;
const parser = new RegExpParser();
const problems = folders.flatMap(sourcesIn).flatMap((path) => expressionsIn(path).flatMap(complaint));
for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function sourcesIn(dir) {
  const paths = readdirSync(dir, { recursive: true }).map(String);
  return paths
    .filter((path) => /\.(ts|mjs)$/.test(path))
    .sort()
    .map((path) => join(dir, path));
}

/** The regular expression literals of a source. */
function expressionsIn(path) {
  const tree = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found = [];
  const visit = (node) => {
    const line = tree.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push({ place: `${path}:${line}`, source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function complaint({ place, source, flags }) {
  const staysInLine = !flags.includes('s') && SHORT_LINES.some((each) => place.includes(`/${each}:`));
  const reason = whySlow(source, flags, staysInLine);
  return reason === undefined ? [] : [`${place}: /${source}/${flags}: ${reason}`];
}

function whySlow(source, flagText, staysInLine) {
  const unicode = { unicode: flagText.includes('u'), unicodeSets: flagText.includes('v') };
  const pattern = parser.parsePattern(source, 0, source.length, unicode);
  const flags = parser.parseFlags(flagText);
  const [report] = analyse({ pattern, flags }, { assumeRejectingSuffix: false }).reports;
  if (report) return `two repetitions can take the same text (${report.type})`;
  if (staysInLine) return undefined;
  const again = pattern.alternatives.map((each) => repetitionOfStart(each, ast.toCache(flags))).find(Boolean);
  return again && `if it does not match, ${again} scans the rest again from each starting point`;
}

/**
 * `cannot lock .*expected` on a megabyte of `cannot lock `: from each starting point the repetition runs to the end.
 * That is so unless something before the repetition can never be part of it, and cuts the text into pieces that are
 * scanned once.
 */
function repetitionOfStart(alternative, flags) {
  const elements = alternative.elements.flatMap(flattened);
  const [first] = elements;
  const isAnchored = first?.type === 'Assertion' && first.kind === 'start';
  if (isAnchored && !flags.multiline) return undefined;
  const lineEnds = ast.Chars.lineTerminator(flags);
  for (const [index, element] of elements.entries()) {
    if (element.type !== 'Quantifier' || element.max !== Number.POSITIVE_INFINITY) continue;
    const taken = ast.getConsumedChars(element.element, flags).chars;
    if (isAnchored && taken.isDisjointWith(lineEnds)) continue;
    const before = elements.slice(0, index).map((each) => ast.getConsumedChars(each, flags).chars);
    const consuming = before.filter((chars) => !chars.isEmpty);
    const canFail = elements
      .slice(index + 1)
      .some((each) => !ast.isPotentiallyZeroLength(each, flags) || each.type === 'Assertion');
    if (canFail && consuming.length > 0 && consuming.every((chars) => !chars.isDisjointWith(taken))) return element.raw;
  }
  return undefined;
}

function flattened(element) {
  const isGroup = element.type === 'Group' || element.type === 'CapturingGroup';
  return isGroup && element.alternatives.length === 1 ? element.alternatives[0].elements.flatMap(flattened) : [element];
}
