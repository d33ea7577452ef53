import { useSignal } from '@preact/signals';
import { momentOf } from '../times/clock.ts';
import type { ChartSpec } from './chart-specs.ts';
import { valueText } from './units.ts';

interface ValuesTableProps {
  readonly specs: readonly ChartSpec[];
  /** Begin of each part, in ms since the epoch. */
  readonly times: readonly number[];
  readonly to: number;
}

/**
 * The values of all charts, for readers who cannot see pictures or want exact numbers. The rows are made when it is
 * opened.
 */
export function ValuesTable({ specs, times, to }: ValuesTableProps) {
  const isOpen = useSignal(false);
  return (
    <details class="values" onToggle={(event) => (isOpen.value = event.currentTarget.open)}>
      <summary>All values as a table</summary>
      {isOpen.value && <Table specs={specs} times={times} to={to} />}
    </details>
  );
}

function Table({ specs, times, to }: ValuesTableProps) {
  // What is to be expected is not of the window.
  const groups = specs.map((spec) => ({ ...spec, lines: spec.lines.filter(({ shape }) => shape !== 'dashes') }));
  const columns = groups.flatMap(({ id, unit, lines }) => {
    return lines.map((line, at) => ({
      ...line,
      key: `${id} ${line.label}`,
      unit,
      look: at === 0 ? 'is-first' : undefined,
    }));
  });
  const parts = times.map((time, part) => ({ time, part })).reverse();
  return (
    // A region that scrolls is reached by the keyboard.
    <section class="values-scroll" aria-label="Values of the charts" tabIndex={0}>
      <table>
        <caption>Each row is one interval; the newest is first.</caption>
        <thead>
          <tr>
            <th rowSpan={2} scope="col">
              from
            </th>
            {groups.map(({ id, title, lines }) => (
              <th key={id} class="is-first" colSpan={lines.length} scope="colgroup">
                {title}
              </th>
            ))}
          </tr>
          <tr>
            {columns.map(({ key, label, look }) => (
              <th key={key} class={look} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {parts.map(({ time, part }) => (
            <tr key={time}>
              <th scope="row">{momentOf(time, to)}</th>
              {columns.map(({ key, values, unit, look }) => (
                <td key={key} class={look}>
                  {valueText(values[part], unit)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
