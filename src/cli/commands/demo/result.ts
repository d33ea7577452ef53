/** A command of the demo, and its output. */
export interface DemoCommand {
  readonly agent: string;
  readonly command: string;
  /** null if a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A part of the story. */
export interface DemoStep {
  readonly title: string;
  readonly text: readonly string[];
  readonly commands: readonly DemoCommand[];
}

/** What the demo showed. */
export interface DemoResult {
  readonly steps: readonly DemoStep[];
  /** Where the queue and the clones are; null if they were removed. */
  readonly folder: string | null;
}
