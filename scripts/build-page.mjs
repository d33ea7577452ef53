// Builds the page of `agentq dashboard` into dist/page/: one script, one style sheet, and the document that loads them
// or, in a report, contains them. What is not needed by the page is in none of them. The bundle has their texts in the
// chunk of the dashboard, which no other command reads: the files are for whoever works on the page.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from 'lightningcss';
import { build } from 'rolldown';

/** Browsers of 2024 and later: they have all that the page uses, and what is newer is translated for them. */
const BROWSERS = { chrome: 120, firefox: 120, safari: [17, 4] };

/**
 * @param root folder of the repository
 * @returns the files as texts, and the modules that the script consists of, for their licences
 */
export async function buildPage(root) {
  const page = join(root, 'src', 'page');
  const { output } = await build({
    cwd: root,
    input: join(page, 'main.tsx'),
    platform: 'browser',
    tsconfig: join(page, 'tsconfig.json'),
    transform: {
      target: ['chrome120', 'firefox120', 'safari17.4'],
      define: { 'process.env.NODE_ENV': '"production"' },
    },
    write: false,
    output: { format: 'esm', codeSplitting: false, minify: true, comments: false },
  });
  const [script, ...others] = output;
  if (others.length > 0) throw new Error(`the page is more than one script: ${others.map(({ fileName }) => fileName)}`);
  const version = ([major, minor = 0]) => (major << 16) | (minor << 8);
  const targets = Object.entries(BROWSERS).map(([name, number]) => [name, version([number].flat())]);
  const { code } = bundle({
    filename: join(page, 'styles', 'page.css'),
    minify: true,
    targets: Object.fromEntries(targets),
  });
  const shell = readFileSync(join(page, 'shell.html'), 'utf8');
  const styles = new TextDecoder().decode(code);
  const dist = join(root, 'dist', 'page');
  mkdirSync(dist, { recursive: true });
  write(join(dist, 'page.js'), script.code);
  write(join(dist, 'page.css'), styles);
  write(join(dist, 'shell.html'), shell);
  return { shell, script: script.code, styles, modules: script.moduleIds };
}

/** Written aside and renamed: somebody may be loading the page at this moment. */
function write(path, content) {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}
