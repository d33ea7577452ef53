import type { BoardTask } from '../../domain/dashboard/board.ts';
import { counted, prName, safeUrl } from '../format/words.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Icon } from '../parts/icon.tsx';
import { Priority } from '../parts/priority.tsx';
import { Ago } from '../parts/time.tsx';
import { labelKeys, labelText } from '../state/filters.ts';

/** What the card says, in full. */
export function TaskFacts({ task }: { readonly task: BoardTask }) {
  const { project, agent, since, type, priority, labels, batch, failures, stalls, prUrl } = task;
  const keys = labelKeys(task);
  const { created_by: by, created_at: at } = labels;
  const pr = safeUrl(prUrl);
  return (
    <dl class="facts">
      <div>
        <dt>Project</dt>
        <dd>{project}</dd>
      </div>
      {agent !== null && (
        <div>
          <dt>{task.state === 'completed' ? 'Done by' : 'Held by'}</dt>
          <dd class="who">
            <Avatar agent={agent} />
            <span>{agent}</span>
          </dd>
        </div>
      )}
      {since !== null && (
        <div>
          <dt>Since</dt>
          <dd>
            <Ago time={since} />
          </dd>
        </div>
      )}
      {priority !== null && (
        <div>
          <dt>Priority</dt>
          <dd>
            <Priority value={priority} />
          </dd>
        </div>
      )}
      {type !== null && (
        <div>
          <dt>Type</dt>
          <dd>{type}</dd>
        </div>
      )}
      {batch !== null && (
        <div>
          <dt>Batch</dt>
          <dd>{batch}</dd>
        </div>
      )}
      {by !== undefined && (
        <div>
          <dt>Added by</dt>
          <dd>
            {String(by)} {isTime(at) && <Ago time={at} />}
          </dd>
        </div>
      )}
      {prUrl !== null && (
        <div>
          <dt>Pull request</dt>
          <dd>
            {pr === null ? (
              <span class="unsafe">{prUrl}</span>
            ) : (
              <a href={pr} target="_blank" rel="noreferrer noopener">
                {prName(pr)} <Icon name="link" size={12} />
              </a>
            )}
          </dd>
        </div>
      )}
      {failures + stalls > 0 && (
        <div>
          <dt>Trouble</dt>
          <dd>
            {[failures > 0 && counted(failures, 'failure'), stalls > 0 && counted(stalls, 'stall')]
              .filter(Boolean)
              .join(', ')}
          </dd>
        </div>
      )}
      {keys.length > 0 && (
        <div class="facts-wide">
          <dt>Labels</dt>
          <dd>
            <ul class="chips">
              {keys.map((key) => (
                <li key={key} class="chip">
                  {labelText(key, labels[key])}
                </li>
              ))}
            </ul>
          </dd>
        </div>
      )}
    </dl>
  );
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
