/** The result of a session. Nobody is left to read it. */
export interface McpResult {
  readonly agent: string;
}
