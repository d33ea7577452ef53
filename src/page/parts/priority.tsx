/** The priority, higher is more urgent. Nothing if the task has none. */
export function Priority({ value }: { readonly value: number | null }) {
  if (value === null) return null;
  const level = value >= 8 ? 'high' : value >= 4 ? 'middle' : 'low';
  return (
    <span class={`priority priority-${level}`} title={`priority ${value}`}>
      <i aria-hidden="true" />
      <span class="hidden">priority </span>
      {value}
    </span>
  );
}
