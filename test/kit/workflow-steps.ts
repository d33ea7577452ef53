/**
 * Takes the shell steps out of a workflow file, by indentation: no more of YAML than the files of the kit use (`key: value`
 * and `key: |` below list items), so that no parser of it is needed.
 */

export interface ShellStep {
  /** The step's name, or the job's where its steps have none. */
  readonly name: string;
  readonly script: string;
}

/** The `run:` steps of a GitHub Actions workflow, in order. */
export function githubSteps(workflow: string): ShellStep[] {
  const lines = workflow.split('\n');
  let name = '';
  return lines.flatMap((line, at) => {
    name = /^ *- name: (.*)$/.exec(line)?.[1] ?? (/^ *- uses: /.test(line) ? '' : name);
    const run = /^( *)(?:- )?run: (.*)$/.exec(line);
    if (run === null) return [];
    return [{ name, script: scriptAt(lines, at, run[1] ?? '', run[2] ?? '') }];
  });
}

/** The `script:` items of each job of a GitLab CI file, and its `before_script:`, in order. */
export function gitlabSteps(file: string): ShellStep[] {
  const lines = file.split('\n');
  let job = '';
  let section = '';
  return lines.flatMap((line, at) => {
    job = /^(\S.*):$/.exec(line)?.[1] ?? job;
    section = /^ {2}(\w+):/.exec(line)?.[1] ?? section;
    const item = /^( {4})- (.*)$/.exec(line);
    if (item === null || !section.endsWith('script')) return [];
    return [
      {
        name: section === 'script' ? job : `${job} ${section}`,
        script: scriptAt(lines, at, item[1] ?? '', item[2] ?? ''),
      },
    ];
  });
}

function scriptAt(lines: readonly string[], at: number, margin: string, value: string): string {
  if (value !== '|') return value;
  const block: string[] = [];
  for (const line of lines.slice(at + 1)) {
    if (line.trim() !== '' && !line.startsWith(`${margin} `)) break;
    block.push(line);
  }
  const indent = /^ */.exec(block[0] ?? '')?.[0].length ?? 0;
  return `${block
    .map((line) => line.slice(indent))
    .join('\n')
    .trimEnd()}\n`;
}
