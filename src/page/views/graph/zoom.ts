import { type Signal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

/** How much of the picture's size is shown: 1 is as drawn. */
const LEAST = 0.2;
const MOST = 2;

/** What is smaller is not a text that can be read. */
const READABLE = 0.7;

/** Of one press of a key or a button. */
const STEP = 1.25;

/** Pixels that the pointer moves before a press is a drag, and not a click. */
const DRAG = 4;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** How a picture in a scrolled element is moved and enlarged. */
export interface Zoom {
  readonly scale: Signal<number>;
  readonly zoomBy: (factor: number) => void;
  /** Shows all of a picture of this size, but never larger than drawn. */
  readonly fit: (width: number, height: number) => void;
  /** Shows all of a picture that is not much larger than the window, and of another one a place (in its pixels). */
  readonly begin: (size: { readonly width: number; readonly height: number }, place: Point) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * Wheel with control or command (what a pinch on a trackpad sends too) enlarges around the pointer, a drag moves, and
 * the keys + - 0 do the same. All else is the scrolling of the browser: wheel, fingers, arrows, and a focus out of
 * sight.
 */
export function useZoom(host: RefObject<HTMLElement | null>): Zoom {
  const scale = useSignal(1);

  const zoomTo = (wanted: number, at?: Point): void => {
    const element = host.current;
    if (element === null) return;
    const next = Math.min(MOST, Math.max(LEAST, wanted));
    const [x, y] = at ? [at.x, at.y] : [element.clientWidth / 2, element.clientHeight / 2];
    const [left, top] = [(element.scrollLeft + x) / scale.value, (element.scrollTop + y) / scale.value];
    scale.value = next;
    // The picture has its new size only after it is drawn.
    requestAnimationFrame(() => element.scrollTo(left * next - x, top * next - y));
  };

  useEffect(() => {
    const element = host.current;
    if (element === null) return undefined;
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
      const at = { x: event.clientX - box.left, y: event.clientY - box.top };
      zoomTo(scale.peek() * Math.exp((-event.deltaY * lines) / 320), at);
    };
    // The page itself must not become larger.
    element.addEventListener('wheel', onWheel, { passive: false });
    const stopDrags = followDrags(element);
    return () => {
      element.removeEventListener('wheel', onWheel);
      stopDrags();
    };
  }, []);

  return {
    scale,
    zoomBy: (factor) => zoomTo(scale.value * factor),
    fit: (width, height) => {
      const element = host.current;
      if (element === null) return;
      scale.value = Math.max(LEAST, Math.min(1, element.clientWidth / width, roomOf(element) / height));
      element.scrollTo(0, 0);
    },
    begin: ({ width, height }, { x, y }) => {
      const element = host.current;
      if (element === null) return;
      const whole = Math.min(1, element.clientWidth / width, roomOf(element) / height);
      const next = whole < READABLE ? 1 : whole;
      scale.value = next;
      requestAnimationFrame(() => element.scrollTo(x * next - 160, y * next - element.clientHeight / 2));
    },
    onKeyDown: (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const factor = { '+': STEP, '=': STEP, '-': 1 / STEP, '0': 1 / scale.value }[event.key];
      if (factor === undefined) return;
      event.preventDefault();
      zoomTo(scale.value * factor);
    },
  };
}

/** The height that the element may have: it is only as high as the picture. */
function roomOf(element: HTMLElement): number {
  const most = Number.parseFloat(getComputedStyle(element).maxHeight);
  return Number.isNaN(most) ? element.clientHeight : most - 2;
}

/** Moves what is scrolled with the mouse; fingers do that by themselves. */
function followDrags(element: HTMLElement): () => void {
  let from: { readonly x: number; readonly y: number; readonly left: number; readonly top: number } | undefined;
  let isDrag = false;
  const onDown = (event: PointerEvent): void => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    from = { x: event.clientX, y: event.clientY, left: element.scrollLeft, top: element.scrollTop };
    isDrag = false;
  };
  const onMove = (event: PointerEvent): void => {
    if (from === undefined) return;
    const [right, down] = [event.clientX - from.x, event.clientY - from.y];
    if (!isDrag && Math.hypot(right, down) < DRAG) return;
    isDrag = true;
    element.classList.add('is-dragged');
    element.scrollTo(from.left - right, from.top - down);
  };
  const onUp = (): void => {
    from = undefined;
    element.classList.remove('is-dragged');
  };
  const onClick = (event: MouseEvent): void => {
    if (!isDrag) return;
    isDrag = false;
    event.stopPropagation();
    event.preventDefault();
  };
  element.addEventListener('pointerdown', onDown);
  element.addEventListener('click', onClick, true);
  addEventListener('pointermove', onMove);
  addEventListener('pointerup', onUp);
  return () => {
    element.removeEventListener('pointerdown', onDown);
    element.removeEventListener('click', onClick, true);
    removeEventListener('pointermove', onMove);
    removeEventListener('pointerup', onUp);
  };
}
