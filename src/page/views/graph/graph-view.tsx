/** A placeholder. */
export function GraphView() {
  return <p class="placeholder">graph</p>;
}
