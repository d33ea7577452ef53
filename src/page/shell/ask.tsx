import { useId, useState } from 'preact/hooks';
import { Modal } from '../parts/modal.tsx';
import { type Asking, asking } from '../state/overlays.ts';

/** Asks the reader for what an action needs. */
export function Ask({ title, label, button, onSay }: Asking) {
  const id = useId();
  const [text, setText] = useState('');
  const isEmpty = text.trim() === '';
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (isEmpty) return;
    close();
    onSay(text.trim());
  };
  return (
    <Modal class="ask" labelledBy="ask-title" onClose={close}>
      <h2 id="ask-title">{title}</h2>
      <form class="say" onSubmit={onSubmit}>
        <div class="say-field">
          <label for={id}>{label}</label>
          <input id={id} type="text" data-focus value={text} onInput={(event) => setText(event.currentTarget.value)} />
        </div>
        <footer>
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isEmpty}>
            {button}
          </button>
        </footer>
      </form>
    </Modal>
  );
}

function close(): void {
  asking.value = null;
}
