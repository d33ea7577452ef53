import type { ChartLine } from './chart-specs.ts';

/** What a line of a chart looks like, next to its name. */
export function Swatch({ colour, shape }: Pick<ChartLine, 'colour' | 'shape'>) {
  const stroke = { stroke: `var(--${colour})`, fill: `var(--${colour})` };
  return (
    <svg class="swatch" width="14" height="10" viewBox="0 0 14 10" aria-hidden="true">
      {shape === 'bars' ? (
        <rect x="2" y="0" width="10" height="10" rx="2.5" style={{ fill: stroke.fill }} />
      ) : (
        <path
          d="M0 5h14"
          style={{ stroke: stroke.stroke, strokeWidth: 2.5, strokeDasharray: shape === 'dashes' ? '4 3' : 'none' }}
        />
      )}
    </svg>
  );
}
