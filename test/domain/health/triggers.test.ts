import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { type Trigger, triggerOf } from '../../../src/domain/health/triggers.ts';

const ROWS: readonly (readonly [Trigger, string])[] = [
  ['starts', 'on: push'],
  ['starts', '"on": [push, pull_request]'],
  ['starts', 'name: x\non:\n  push:\n  workflow_dispatch:\njobs: {}'],
  ['starts', 'on:\n  - pull_request\n  - push'],
  ['starts', 'on:\n- push\njobs:\n  a: {}'],
  ['starts', 'on:\n  push:\n    branches: [main, develop]'],
  ['starts', "on:\n  push:\n    branches:\n      - 'dev*'"],
  ['starts', 'on:\n  push:\n    branches:\n    - "**"\n    - "!main"'],
  ['starts', 'on:\n  push:\n    branches-ignore: [main]\n    tags: [v1]'],
  ['starts', 'on: # always\n  # of course\n  push: # any\n'],
  ['does-not', 'on: pull_request'],
  ['does-not', 'on: [pull_request]\njobs:\n  push:\n    runs-on: x'],
  ['does-not', 'on:\n  workflow_dispatch:\njobs:\n  push: {}'],
  ['does-not', 'on:\n  workflow_run:\n    push: x'],
  ['does-not', 'on:\n  push:\n    branches: [main]'],
  ['does-not', 'on:\n  push:\n    branches:\n      - main\n  pull_request:\n    branches: [develop]'],
  ['does-not', "on:\n  push:\n    branches: ['**', '!develop']"],
  ['does-not', 'on:\n  push:\n    branches-ignore:\n      - dev*'],
  ['does-not', 'on:\n  push:\n    tags: [v1]'],
  ['does-not', 'on:\n  push:\n    branches: ["de*/x"]'],
  ['does-not', 'jobs: {}'],
  ['does-not', '- on: push'],
  ['does-not', '"push"'],
  ['does-not', 'on: {push: {branches: [main]}}'],
  ['starts', 'on:\n  push: {branches: develop}'],
  ['unclear', 'on:\n  push:\n    branches: ["develo[p]"]'],
  ['unclear', 'on:\n  push:\n    branches: [{a: b}]'],
  ['unclear', 'on:\n  push:\n    branches: [develop]\n    paths: [src/**]'],
];

describe('a push to develop', () => {
  it.each(ROWS)('%s: %j', (trigger, workflow) => {
    expect(triggerOf(load(workflow), 'develop')).toBe(trigger);
  });

  it('is not compared with a pattern that takes long', () => {
    expect(triggerOf({ on: { push: { branches: ['*a'.repeat(40)] } } }, 'a'.repeat(200))).toBe('unclear');
  });
});
