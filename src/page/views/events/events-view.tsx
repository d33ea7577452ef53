/** A placeholder. */
export function EventsView() {
  return <p class="placeholder">events</p>;
}
