import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { open } from '../../state/board-state.ts';
import { fitted, measureIn } from './fit.ts';
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

/** Room (px) at the sides of the texts of a box, and between the two on a line. */
const LEFT = 14;
const RIGHT = 12;
const BETWEEN = 10;

/** As graph.css has them. */
const inName = measureIn(600, 13);
const inProject = measureIn(400, 13);
const inState = measureIn(500, 11);
const inTitle = measureIn(400, 12);

/**
 * The nodes as buttons in an SVG; under the pointer or the focus, with all that they depend on and that depends on
 * them.
 */
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
  const isMixed = model.linked.some(({ project }) => project !== model.linked[0]?.project);
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
            isMixed={isMixed}
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
  /** Whether there are tasks of other projects. */
  readonly isMixed: boolean;
  readonly isCritical: boolean;
  readonly isFaint: boolean;
  /** Whether the tab key leads here. */
  readonly isStop: boolean;
  readonly onStop: () => void;
  readonly onLit: (isLit: boolean) => void;
}

/** The stripe at the left of a box, within its round corners. */
const MARK = `M5 0.6 A7.5 7.5 0 0 0 0.5 8 V${BOX.height - 8} A7.5 7.5 0 0 0 5 ${BOX.height - 0.6} Z`;

function NodeBox({ node, place, isMixed, isCritical, isFaint, isStop, onStop, onLit }: NodeBoxProps) {
  const isKnown = node.state !== 'unknown';
  const { project, task, title, state: condition } = node;
  const texts = useMemo(() => {
    const room = BOX.width - LEFT - RIGHT;
    const end = node.isStalled ? 'stalled' : condition;
    const beside = room - inState(end) - BETWEEN;
    return {
      state: end,
      // The task is told in full before anything is told of the project.
      project: isMixed ? `${fitted(project, beside - inName(`/${task}`), inProject)}/`.replace(/^…?\/$/, '') : '',
      task: fitted(task, beside, inName),
      title: fitted(title ?? (isKnown ? 'no title' : 'no such task'), room, inTitle),
    };
  }, [project, isMixed, task, title, condition, node.isStalled]);
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
      <path class="node-mark" d={MARK} />
      <text class="node-name" x={LEFT} y="21">
        {texts.project !== '' && <tspan class="node-project">{texts.project}</tspan>}
        {texts.task}
      </text>
      <text class="node-state" x={BOX.width - RIGHT} y="21" text-anchor="end">
        {texts.state}
      </text>
      <text class="node-title" x={LEFT} y="39">
        {texts.title}
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
