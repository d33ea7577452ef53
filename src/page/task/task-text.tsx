import type { BoardTaskDetails } from '../../domain/dashboard/board.ts';
import { Avatar } from '../parts/avatar.tsx';
import { Ago } from '../parts/time.tsx';

/** What the task is, and what was said about it. */
export function TaskText({ details }: { readonly details: BoardTaskDetails }) {
  const { description, acceptanceCriteria, notes, questions } = details;
  return (
    <>
      {description !== null && description.trim() !== '' && (
        <section>
          <h3>Description</h3>
          <div class="prose">
            {description
              .split(/\n{2,}/)
              .map((text) => text.trim())
              .filter(Boolean)
              .map((text) => (
                <p key={text}>
                  <Inline text={text} />
                </p>
              ))}
          </div>
        </section>
      )}
      {acceptanceCriteria.length > 0 && (
        <section>
          <h3>
            Acceptance criteria <small>{acceptanceCriteria.length}</small>
          </h3>
          <ul class="criteria">
            {acceptanceCriteria.map((text) => (
              <li key={text}>
                <Inline text={text} />
              </li>
            ))}
          </ul>
        </section>
      )}
      {questions.length > 0 && (
        <section>
          <h3>Questions</h3>
          {questions.map((question) => (
            <div key={question.at + question.text} class="thread">
              <Said by={question.agent} at={question.at} text={question.text} />
              {question.answer !== null ? (
                <Said by={question.answer.agent} at={question.answer.at} text={question.answer.text} isAnswer />
              ) : (
                <p class="unanswered">not answered yet</p>
              )}
            </div>
          ))}
        </section>
      )}
      {notes.length > 0 && (
        <section>
          <h3>
            Notes <small>{notes.length}</small>
          </h3>
          {notes.map(({ at, agent, text }) => (
            <Said key={at + text} by={agent} at={at} text={text} />
          ))}
        </section>
      )}
    </>
  );
}

interface SaidProps {
  readonly by: string;
  readonly at: string;
  readonly text: string;
  readonly isAnswer?: boolean;
}

function Said({ by, at, text, isAnswer = false }: SaidProps) {
  return (
    <div class={`said ${isAnswer ? 'said-answer' : ''}`}>
      <Avatar agent={by} size={22} />
      <div>
        <p class="said-by">
          <b>{by}</b> <Ago time={at} />
        </p>
        <p class="said-text">
          <Inline text={text} />
        </p>
      </div>
    </div>
  );
}

/** Text as it is, with what stands between backticks as code. */
function Inline({ text }: { readonly text: string }) {
  const parts = text.split(/`([^`\n]+)`/);
  // Every second part was between backticks. The same text has the same parts at the same places.
  return <>{parts.map((part, at) => (at % 2 === 1 ? <code key={`${at}`}>{part}</code> : part))}</>;
}
