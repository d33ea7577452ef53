import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { islandsOf, type Layout, layoutIsland, shapeKey, stacked } from './layout.ts';
import type { GraphModel } from './model.ts';

/** Layouts that are kept: going back to a project shows it at once. */
const KEPT = 12;

/** Time (ms) for which islands are laid out before the page may do something else. */
const SLICE_MS = 12;

const known = new Map<string, Layout>();

/** The newest layout that is ready, of what shape. */
interface Ready {
  readonly key: string;
  readonly layout: Layout;
}

/**
 * The layout of a graph; undefined as long as it is being worked out. A change of a task's state needs none: only what
 * requires what decides it. Between two islands the page does what else there is.
 */
export function useLayout({ linked, criticalPath }: GraphModel): Layout | undefined {
  const ready = useSignal<Ready | undefined>(undefined);
  const key = shapeKey(linked, criticalPath);
  useEffect(() => {
    const before = known.get(key);
    if (before !== undefined) {
      ready.value = { key, layout: before };
      return undefined;
    }
    const open = [...islandsOf(linked, criticalPath)];
    const done: Layout[] = [];
    let timer: ReturnType<typeof setTimeout>;
    const go = (): void => {
      const until = performance.now() + SLICE_MS;
      while (performance.now() < until) {
        const next = open.shift();
        if (next === undefined) {
          const layout = stacked(done);
          keep(key, layout);
          ready.value = { key, layout };
          return;
        }
        done.push(layoutIsland(next, criticalPath));
      }
      timer = setTimeout(go, 0);
    };
    // What says that it is being worked out is drawn before.
    timer = setTimeout(go, 30);
    return () => clearTimeout(timer);
  }, [key]);
  const { value } = ready;
  return value?.key === key ? value.layout : known.get(key);
}

function keep(key: string, layout: Layout): void {
  known.set(key, layout);
  const [oldest] = known.keys();
  if (known.size > KEPT && oldest !== undefined) known.delete(oldest);
}
