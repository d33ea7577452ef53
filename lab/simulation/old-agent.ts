/**
 * An agent that follows the algorithm that agentq replaces, to stand beside it in a comparison: fetch, check out,
 * pull --rebase, pick, move, append, commit, push; whoever loses the race backs off 1, 2, 4, 8, 16 s, each times 1 to 2.
 *
 *     bash old-agent.sh claim <agent-id> | complete <project/task-id> <agent-id>
 *
 * Exit codes: 0 done, 1 nothing to claim, 2 gave up.
 */
export const OLD_AGENT: string = String.raw`#!/usr/bin/env bash
set -u
branch=develop

catch_up() {
  git fetch -q origin "$branch" && git checkout -q "$branch" && git pull -q --rebase origin "$branch" ||
    { git rebase --abort; git reset -q --hard "origin/$branch"; }
} 2>/dev/null

# The ready task with the highest priority; tasks of a comparison have no dependencies.
pick() {
  grep -l '^ *status: ready' .agents/*/tasks/*.toon 2>/dev/null | xargs -r grep -H '^ *priority:' |
    sort -t: -k3,3nr | head -n 1 | cut -d: -f1
}

claim() {
  local file home task
  file=$(pick)
  [ -n "$file" ] || exit 1
  home=$(dirname "$(dirname "$file")")
  task=$(basename "$file" .toon)
  mkdir -p "$home/claimed"
  mv "$file" "$home/claimed/"
  printf '\nclaim:\n  claimed_by: %s\n  claimed_at: %s\n  last_heartbeat: %s\n' "$agent" "$now" "$now" \
    >>"$home/claimed/$task.toon"
  name=$(basename "$home")/$task
  message="[AGENT-CLAIM] $agent claimed $task from $(basename "$home")"
}

complete() {
  local home=.agents/$(dirname "$name") task=$(basename "$name")
  mkdir -p "$home/completed"
  mv "$home/claimed/$task.toon" "$home/completed/"
  printf '\ncompletion:\n  status: completed\n  completed_at: %s\n  completed_by: %s\n' "$now" "$agent" \
    >>"$home/completed/$task.toon"
  message="[AGENT-COMPLETE] $agent completed $name"
}

action=$1
if [ "$action" = claim ]; then agent=$2; else name=$2 agent=$3; fi
for delay in 1 2 4 8 16 last; do
  catch_up
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  "$action"
  git add -A .agents
  git commit -q -m "$message"
  if git push -q origin "$branch" 2>/dev/null; then
    echo "$name"
    exit 0
  fi
  git reset -q --hard "origin/$branch"
  [ "$delay" = last ] || sleep "$(awk -v d="$delay" -v s="$RANDOM$RANDOM" 'BEGIN { srand(s); print d * (1 + rand()) }')"
done
exit 2
`;

/** What git needs to commit where nobody has told it who commits. */
export const OLD_AGENT_IDENTITY: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: 'old agent',
  GIT_AUTHOR_EMAIL: 'old-agent@agentq.invalid',
  GIT_COMMITTER_NAME: 'old agent',
  GIT_COMMITTER_EMAIL: 'old-agent@agentq.invalid',
};
