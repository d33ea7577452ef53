/** What a session comes to. Nobody is left to read it. */
export interface McpResult {
  readonly agent: string;
}
