import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { open } from '../../state/board-state.ts';
import { type Arrow, BOX, type Layout, type Place } from './layout.ts';
import { type GraphModel, type GraphNode, relativesOf } from './model.ts';
import { neighbourOf } from './neighbour.ts';

interface DrawingProps {
  readonly model: GraphModel;
  readonly layout: Layout;
  readonly scale: number;
  /** Whether the node passes the filters: others are faint. */
  readonly passes: (node: GraphNode) => boolean;
}

/** Characters that fit in a box. */
const FITS_NAME = 24;
const FITS_TITLE = 33;

/** The nodes as buttons in an SVG; under the pointer or the focus, with all that they depend on and that depends on them. */
export function Drawing({ model, layout, scale, passes }: DrawingProps) {
  const lit = useSignal<string | null>(null);
  // One stop of the tab key; arrows lead on from there.
  const stop = useSignal<string | null>(null);
  const first = model.criticalPath.find((one) => layout.places.has(one)) ?? model.linked[0]?.name;
  const stopNow = stop.value !== null && layout.places.has(stop.value) ? stop.value : first;
  const name = lit.value;
  const relatives = useMemo(() => (name === null ? undefined : relativesOf(model.linked, name)), [model, name]);
  const steps = useMemo(() => {
    const path = model.criticalPath;
    return new Set(path.slice(1).map((to, at) => `${path[at] ?? ''} ${to}`));
  }, [model]);
  const isLit = (one: string): boolean => relatives === undefined || one === name || relatives.has(one);
  // What is above others is drawn last.
  const arrows = [...layout.arrows].sort((a, b) => Number(isCritical(a, steps)) - Number(isCritical(b, steps)));
  return (
    <svg
      class={`graph-drawing${relatives === undefined ? '' : ' is-lit'}`}
      width={layout.width * scale}
      height={layout.height * scale}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      role="group"
      aria-label="Tasks and what they require, from left to right; arrow keys lead from one to the next"
      onKeyDown={(event) => {
        const from = event.target instanceof Element ? event.target.getAttribute('data-name') : null;
        const to = from === null ? undefined : neighbourOf(from, event.key, model.linked, layout.places);
        const node = to === undefined ? null : event.currentTarget.querySelector(`[data-name="${CSS.escape(to)}"]`);
        if (!(node instanceof SVGElement)) return;
        event.preventDefault();
        node.focus();
      }}
    >
      <defs>
        <Head id="graph-head" />
        <Head id="graph-head-critical" />
      </defs>
      {arrows.map((arrow) => (
        <ArrowLine
          key={`${arrow.from} ${arrow.to}`}
          arrow={arrow}
          isCritical={isCritical(arrow, steps)}
          isLit={isLit(arrow.from) && isLit(arrow.to)}
        />
      ))}
      {model.linked.map((node) => {
        const place = layout.places.get(node.name);
        if (place === undefined) return null;
        return (
          <NodeBox
            key={node.name}
            node={node}
            place={place}
            isCritical={model.criticalPath.includes(node.name)}
            isFaint={!isLit(node.name) || !passes(node)}
            isStop={node.name === stopNow}
            onStop={() => (stop.value = node.name)}
            onLit={(is) => {
              if (is) lit.value = node.name;
              else if (lit.value === node.name) lit.value = null;
            }}
          />
        );
      })}
    </svg>
  );
}

function ArrowLine(props: { readonly arrow: Arrow; readonly isCritical: boolean; readonly isLit: boolean }) {
  const { arrow, isCritical, isLit } = props;
  const head = isCritical ? 'url(#graph-head-critical)' : 'url(#graph-head)';
  const look = `arrow${isCritical ? ' is-critical' : ''}${isLit ? '' : ' is-faint'}`;
  return <path class={look} d={arrow.line} marker-end={head} />;
}

interface NodeBoxProps {
  readonly node: GraphNode;
  readonly place: Place;
  readonly isCritical: boolean;
  readonly isFaint: boolean;
  /** Whether the tab key leads here. */
  readonly isStop: boolean;
  readonly onStop: () => void;
  readonly onLit: (isLit: boolean) => void;
}

function NodeBox({ node, place, isCritical, isFaint, isStop, onStop, onLit }: NodeBoxProps) {
  const isKnown = node.state !== 'unknown';
  const state = node.isStalled ? 'stalled' : node.state;
  const said = [node.name, node.title, stateText(node), isCritical && 'on the critical path']
    .filter(Boolean)
    .join(', ');
  const openIt = (): void => {
    if (isKnown) open(node.name);
  };
  return (
    // A button: SVG has none of its own.
    <g
      class={`node tone-${state}${isCritical ? ' is-critical' : ''}${isFaint ? ' is-faint' : ''}`}
      transform={`translate(${place.x - BOX.width / 2} ${place.y - BOX.height / 2})`}
      role="button"
      tabindex={isStop ? 0 : -1}
      data-name={node.name}
      aria-disabled={isKnown ? undefined : true}
      onClick={openIt}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return;
        event.preventDefault();
        openIt();
      }}
      onPointerEnter={() => onLit(true)}
      onPointerLeave={() => onLit(false)}
      onFocus={() => {
        onStop();
        onLit(true);
      }}
      onBlur={() => onLit(false)}
    >
      <title>{said}</title>
      <rect class="node-box" width={BOX.width} height={BOX.height} rx="8" />
      <rect class="node-mark" x="0" y="0" width="4" height={BOX.height} rx="2" />
      <text class="node-name" x="14" y="21">
        {cut(node.task, FITS_NAME)}
      </text>
      <text class="node-state" x={BOX.width - 10} y="21" text-anchor="end">
        {node.isStalled ? 'stalled' : node.state}
      </text>
      <text class="node-title" x="14" y="39">
        {cut(node.title ?? (isKnown ? 'no title' : 'no such task'), FITS_TITLE)}
      </text>
    </g>
  );
}

function Head({ id }: { readonly id: string }) {
  return (
    <marker id={id} markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="8" refX="8" refY="4" orient="auto">
      <path class={id} d="M0,0 L9,4 L0,8 z" />
    </marker>
  );
}

function stateText({ state, isStalled, agent }: GraphNode): string {
  const by = agent === null ? '' : ` by ${agent}`;
  if (state === 'unknown') return 'no such task';
  return isStalled ? `stalled${by}` : `${state}${by}`;
}

function isCritical({ from, to }: Arrow, steps: ReadonlySet<string>): boolean {
  return steps.has(`${from} ${to}`);
}

function cut(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}
