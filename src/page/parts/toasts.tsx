import { closeToast, toasts } from '../state/overlays.ts';
import { Icon } from './icon.tsx';

/** What became of actions. Beside a dialog nothing can be reached, so the dialog in front has them. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, kind, message, hint }) => (
        <div key={id} class={`toast toast-${kind}`}>
          <Icon name={kind === 'done' ? 'check' : 'fail'} />
          <p>
            {message}
            {hint !== null && <small>{hint}</small>}
          </p>
          <button type="button" class="tool" onClick={() => closeToast(id)}>
            <Icon name="close" size={14} />
            <span class="hidden">Close</span>
          </button>
        </div>
      ))}
    </div>
  );
}
