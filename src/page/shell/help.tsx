import { Icon } from '../parts/icon.tsx';
import { Modal } from '../parts/modal.tsx';
import { config } from '../state/connection.ts';
import { showsHelp } from '../state/overlays.ts';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['/'], 'Search'],
  [['1', '…', '5'], 'Board, charts, agents, graph, events'],
  [['↑', '↓', '←', '→'], 'From card to card'],
  [['Enter'], 'Open a task'],
  [['Esc'], 'Close, or clear the search'],
  [['x'], 'Clear all filters'],
  [['c'], 'Show cancelled tasks'],
  [['t'], 'Colours: as the system, light, dark'],
  [['?'], 'This list'],
];

/** The keys that the page knows. */
export function Help() {
  return (
    <Modal class="help" labelledBy="help-title" onClose={close}>
      <header>
        <h2 id="help-title">Keys</h2>
        <button type="button" class="tool" onClick={close}>
          <Icon name="close" />
          <span class="hidden">Close</span>
        </button>
      </header>
      <dl>
        {KEYS.map(([keys, does]) => (
          <div key={does}>
            <dt>{keys.map((key) => (key === '…' ? ' … ' : <kbd key={key}>{key}</kbd>))}</dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="version">agentq {config.value.version}</p>
    </Modal>
  );
}

function close(): void {
  showsHelp.value = false;
}
