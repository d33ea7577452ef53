/** A placeholder. */
export function ChartsView() {
  return <p class="placeholder">charts</p>;
}
