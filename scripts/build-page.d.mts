/** Builds the page of the dashboard into `dist/page`, and answers the paths of the modules that its script consists of. */
export function buildPage(root: string): Promise<string[]>;
