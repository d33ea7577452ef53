/** A placeholder. */
export function AgentsView() {
  return <p class="placeholder">agents</p>;
}
