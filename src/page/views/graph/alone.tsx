import { useSignal } from '@preact/signals';
import { open } from '../../state/board-state.ts';
import type { GraphNode } from './model.ts';

/** Tasks that are added at a time. */
const PAGE = 30;

/** Tasks that nothing links to others, as a list: in the picture they would only take room. */
export function Alone({ nodes, project }: { readonly nodes: readonly GraphNode[]; readonly project: string | null }) {
  const most = useSignal(PAGE);
  if (nodes.length === 0) return null;
  return (
    <section class="graph-alone" aria-labelledby="graph-alone-title">
      <h3 id="graph-alone-title">{`On their own (${nodes.length})`}</h3>
      <ul>
        {nodes.slice(0, most.value).map((node) => (
          <li key={node.name}>
            <button
              type="button"
              class={`graph-chip tone-${node.isStalled ? 'stalled' : node.state}`}
              title={`${node.name}${node.title === null ? '' : `: ${node.title}`} (${node.state})`}
              onClick={() => open(node.name)}
            >
              <i class="graph-dot" aria-hidden="true" />
              <span>{project === null ? node.name : node.task}</span>
              <span class="graph-chip-title">{node.title}</span>
            </button>
          </li>
        ))}
      </ul>
      {most.value < nodes.length && (
        <button type="button" class="view-more" onClick={() => (most.value += 4 * PAGE)}>
          {`${most.value} of ${nodes.length} tasks: show more`}
        </button>
      )}
    </section>
  );
}
