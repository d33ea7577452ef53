/** Builds the page of the dashboard into `dist/page`. */
export function buildPage(root: string): Promise<{
  readonly shell: string;
  readonly script: string;
  readonly styles: string;
  /** Paths of the modules that the script consists of. */
  readonly modules: readonly string[];
}>;
