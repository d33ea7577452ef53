import { computed } from '@preact/signals';
import { attentionOf } from '../state/attention.ts';
import { board, filters, shownTasks } from '../state/board-state.ts';

/** What needs people, of the tasks that are shown. */
export const attention = computed(() => attentionOf(shownTasks.value, board.value.paused, filters.value.project));
