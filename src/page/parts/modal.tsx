import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Toasts } from './toasts.tsx';

interface Props {
  readonly class: string;
  /** Id of the heading that names it. */
  readonly labelledBy: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/**
 * A dialog in front of the page. The browser keeps the focus in it, and gives it back to what had it; Esc and a click
 * beside it close it.
 */
export function Modal({ class: name, labelledBy, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const element = dialog.current;
    if (element === null) return undefined;
    const before = document.activeElement;
    const onClick = (event: MouseEvent): void => {
      if (event.target === element) close.current();
    };
    const onCancel = (event: Event): void => {
      event.preventDefault();
      close.current();
    };
    element.addEventListener('click', onClick);
    element.addEventListener('cancel', onCancel);
    element.showModal();
    // Not the first button: what is read first is what it is about.
    element.querySelector<HTMLElement>('[data-focus]')?.focus({ preventScroll: true });
    return () => {
      element.close();
      // A node of the graph is an element of SVG. What was acted on may be gone.
      const isThere = (before instanceof HTMLElement || before instanceof SVGElement) && before.isConnected;
      const next = isThere ? before : document.getElementById('main');
      next?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog ref={dialog} class={name} aria-labelledby={labelledBy}>
      <div class="dialog-body">{children}</div>
      <Toasts />
    </dialog>
  );
}
