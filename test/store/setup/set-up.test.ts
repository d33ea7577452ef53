import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AGENT_NAMES, type AgentName, setupOf } from '../../../src/domain/setup/agents.ts';
import { type FilePlan, planSetUp, type SetUpRequest } from '../../../src/store/setup/set-up.ts';
import { WorkingFiles } from '../../../src/store/setup/working-files.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** A repository whose people have such files of their own, in all kinds of whitespace. */
const OWN: Readonly<Record<string, string>> = {
  'CLAUDE.md': '\uFEFF# Rules\r\n\r\nUse tabs.',
  'AGENTS.md': '# Rules\n\n```md\n<!-- agentq:begin -->\n<!-- agentq:end -->\n```\n\n\n',
  'GEMINI.md': '',
  'CONVENTIONS.md': 'Na\u00efve\n',
  '.github/copilot-instructions.md': 'Be brief.\n\n',
  '.claude/settings.json':
    '{\n    // ours\n    "permissions": { "allow": ["Read"], "deny": [] },\n    "hooks": {\n        "SessionStart": [],\n    },\n}',
  '.mcp.json': '{}\n',
  '.cursor/mcp.json': '{"mcpServers":{"db":{"command":"db"}}}',
  '.gemini/settings.json': '{\r\n\t"theme": "x",\r\n\t"mcpServers": {\r\n\t}\r\n}\r\n',
  '.codex/config.toml': 'model = "x" # fast\n\n[mcp_servers.db]\ncommand = "db"',
  '.aider.conf.yml': '# ours\nread:\n- STYLE.md # yes\nmodel: x',
};

/** Does it, and says what became of each file. */
function setUp(dir: string, agents: readonly AgentName[], request: Partial<SetUpRequest> = {}): readonly FilePlan[] {
  const working = new WorkingFiles(dir);
  const setups = agents.map((name) => setupOf(name, 'remind'));
  const plan = planSetUp(setups, working, { what: 'add', onChanged: 'keep', ...request });
  working.apply(plan.changes);
  if (request.what === 'remove') for (const { folders } of setups) working.removeEmpty(folders);
  return plan.files;
}

/** Every file with its bytes, and every folder. */
async function contentOf(dir: string): Promise<Record<string, string>> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const read = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(dir.length + 1), entry.isFile() ? (await readFile(path)).toString('latin1') : 'folder'] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

async function repository(box: Scene, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const dir = await box.folder('repository');
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
  return dir;
}

describe('setting agents up', () => {
  it.each(AGENT_NAMES.map((name) => [name]))(
    '%s: twice is once, and its removal gives the bytes back',
    async (name) => {
      for (const files of [{ 'README.md': 'x' }, OWN]) {
        await using box = await scene();
        const dir = await repository(box, files);
        const before = await contentOf(dir);
        expect(setUp(dir, [name]).map(({ action }) => action)).toContainEqual(expect.stringMatching(/create|update/));
        const after = await contentOf(dir);
        expect(setUp(dir, [name]).every(({ action }) => action === 'none')).toBe(true);
        expect(await contentOf(dir)).toEqual(after);
        setUp(dir, [name], { what: 'remove' });
        expect(await contentOf(dir)).toEqual(before);
      }
    },
  );

  it('all of them share what they share, also behind links', async () => {
    await using box = await scene();
    const dir = await repository(box, { 'AGENTS.md': 'x\n', 'docs/GEMINI.md': '', 'rules/own.mdc': '' });
    for (const [link, target] of [
      ['CLAUDE.md', 'AGENTS.md'],
      ['GEMINI.md', 'docs/GEMINI.md'],
      ['.cursor', '.'],
    ] as const)
      await symlink(target, join(dir, link));
    const before = await contentOf(dir);
    setUp(dir, AGENT_NAMES);
    expect(setUp(dir, AGENT_NAMES).every(({ action }) => action === 'none')).toBe(true);
    expect((await readFile(join(dir, 'AGENTS.md'), 'utf8')).match(/agentq:begin/g)).toHaveLength(1);
    setUp(dir, AGENT_NAMES, { what: 'remove' });
    expect(await contentOf(dir)).toEqual(before);
  });

  it('keeps a file of its own that somebody has changed, unless it is forced, and folders with more in them', async () => {
    await using box = await scene();
    const dir = await repository(box, { '.cursor/rules/mine.mdc': 'x' });
    setUp(dir, ['claude', 'cursor']);
    const skill = '.claude/skills/agentq/SKILL.md';
    const changed = (await readFile(join(dir, skill), 'utf8')).replace('name: agentq', 'name: queue');
    await writeFile(join(dir, skill), changed);
    expect(setUp(dir, ['claude'])).toContainEqual({ path: skill, action: 'kept' });
    setUp(dir, ['claude', 'cursor'], { what: 'remove' });
    expect(Object.keys(await contentOf(dir)).sort()).toEqual(
      [
        '.claude',
        '.claude/skills',
        '.claude/skills/agentq',
        skill,
        '.cursor',
        '.cursor/rules',
        '.cursor/rules/mine.mdc',
      ].sort(),
    );
    expect(await readFile(join(dir, skill), 'utf8')).toBe(changed);
    expect(setUp(dir, ['claude'], { onChanged: 'overwrite' })).toContainEqual({ path: skill, action: 'update' });
    setUp(dir, ['claude', 'cursor'], { what: 'remove' });
    expect(Object.keys(await contentOf(dir))).toEqual(['.cursor', '.cursor/rules', '.cursor/rules/mine.mdc']);
  });

  it('keeps the mode of a file', async () => {
    await using box = await scene();
    const dir = await repository(box, { 'CLAUDE.md': 'x' });
    await chmod(join(dir, 'CLAUDE.md'), 0o640);
    setUp(dir, ['claude']);
    expect((await stat(join(dir, 'CLAUDE.md'))).mode & 0o777).toBe(0o640);
  });

  it.each([
    [
      'broken JSON',
      { '.claude/settings.json': '{\n  "a": 1\n  "b": 2\n}' },
      '.claude/settings.json:3: is not JSON: comma is expected',
    ],
    [
      'half a section',
      { 'CLAUDE.md': 'x\n<!-- agentq:begin -->\n' },
      'CLAUDE.md:2: begins an agentq section that does not end',
    ],
    ['another encoding', { 'CLAUDE.md': Buffer.from('\uFEFFx', 'utf16le') }, 'CLAUDE.md is not a text in UTF-8'],
    ['a folder', { 'CLAUDE.md/x': '' }, 'CLAUDE.md is not a regular file'],
    ['a file above', { '.claude': '' }, '.claude/skills/agentq/SKILL.md cannot be made: .claude is not a folder'],
    ['a large file', { 'CLAUDE.md': 'x'.repeat(1_000_001) }, 'CLAUDE.md is too large to be edited: 1000001 bytes'],
  ])('changes nothing at all if one file cannot be edited: %s', async (_, files, words) => {
    await using box = await scene();
    const dir = await repository(box, files);
    const before = await contentOf(dir);
    expect(() => setUp(dir, ['codex', 'claude'])).toThrow(
      expect.objectContaining({ code: 'config-invalid', message: words, hint: 'nothing was changed' }),
    );
    expect(await contentOf(dir)).toEqual(before);
  });

  it.each([
    ['CLAUDE.md', '../elsewhere.md', 'CLAUDE.md is behind a link that leads out of the working tree: CLAUDE.md'],
    ['.claude', '..', '.claude/skills/agentq/SKILL.md is behind a link that leads out of the working tree: .claude'],
    ['.claude', '.git', '.claude/skills/agentq/SKILL.md is behind a link that leads out of the working tree: .claude'],
    ['CLAUDE.md', 'nowhere', 'CLAUDE.md is a link that leads nowhere'],
  ])('follows no link out of the working tree: %s to %s', async (link, target, words) => {
    await using box = await scene();
    const dir = await repository(box, { '.git/HEAD': '' });
    await writeFile(box.path('elsewhere.md'), 'private');
    await symlink(target, join(dir, link));
    expect(() => setUp(dir, ['claude'])).toThrow(words);
    expect(await box.read('.', 'elsewhere.md')).toBe('private');
    expect(Object.keys(await contentOf(dir)).sort()).toEqual(['.git', '.git/HEAD', link].sort());
  });

  it('writes nothing if a file is read-only, and takes back what it wrote if one cannot be written', async () => {
    await using box = await scene();
    const dir = await repository(box, { 'CLAUDE.md': 'x', '.mcp.json': '{}' });
    await chmod(join(dir, '.mcp.json'), 0o444);
    const before = await contentOf(dir);
    expect(() => setUp(dir, ['claude'])).toThrow('.mcp.json is read-only');
    expect(await contentOf(dir)).toEqual(before);
    const working = new WorkingFiles(dir);
    const change = { path: 'CLAUDE.md', real: join(dir, 'CLAUDE.md'), before: 'x', after: 'y' };
    const impossible = { ...change, path: 'z', real: join(dir, `${'z'.repeat(300)}`), before: undefined };
    expect(() => working.apply([change, impossible])).toThrow(/the files cannot be written: .*ENAMETOOLONG/);
    expect(await contentOf(dir)).toEqual(before);
  });
});
