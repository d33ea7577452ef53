/**
 * An agent with the algorithm that agentq replaces, for comparisons and for tests on the same branch as agentq: fetch,
 * check out, pull --rebase, change files with mv, sed and cat, commit, push. After a lost race it backs off 1, 2, 4, 8,
 * 16 times OLD_AGENT_DELAY seconds (default 1), each times 1 to 2.
 *
 *     bash old-agent.sh claim <agent-id> [project]
 *     bash old-agent.sh heartbeat | release <task-id> <agent-id>
 *     bash old-agent.sh complete <task-id> <agent-id> [pr-url]
 *     bash old-agent.sh release-stalled [minutes]
 *
 * Exit codes: 0 done, 1 nothing to claim, 2 gave up, 3 not this agent's.
 */
export const OLD_AGENT: string = String.raw`#!/usr/bin/env bash
branch=develop

catch_up() {
  git fetch -q origin "$branch" && git checkout -q "$branch" && git pull -q --rebase origin "$branch" ||
    { git rebase --abort; git reset -q --hard "origin/$branch"; }
} 2>/dev/null

# Whether every required task of the file is in the completed folder.
is_open() {
  awk '/^ *required\[/ { inside = 1; sub(/.*:/, ""); gsub(/,/, "\n"); print; next }
       inside && /^ *[A-Za-z_]+(\[|:)/ { inside = 0 }
       inside { print }' "$1" | awk 'NF { print $1 }' |
    while read -r required; do [ -f "$2/completed/$required.toon" ] || exit 1; done
}

# The ready task with the highest priority that waits for nothing.
pick() {
  grep -l '^ *status: ready' .agents/$project/tasks/*.toon 2>/dev/null | xargs -r grep -H -m 1 '^ *priority:' |
    sort -s -t: -k3,3nr | cut -d: -f1 | while read -r each; do
      if is_open "$each" "$(dirname "$(dirname "$each")")"; then echo "$each"; break; fi
    done
}

claim() {
  file=$(pick)
  [ -n "$file" ] || exit 1
  home=$(dirname "$(dirname "$file")")
  task=$(basename "$file" .toon)
  name=$(basename "$home")/$task
  mkdir -p "$home/claimed"
  mv "$file" "$home/claimed/"
  printf '\nclaim:\n  claimed_by: %s\n  claimed_at: %s\n  last_heartbeat: %s\n' "$agent" "$now" "$now" \
    >>"$home/claimed/$task.toon"
  message="[AGENT-CLAIM] $agent claimed $task from $(basename "$home")"
}

# Finds the file of the task that the agent has claimed.
find_own() {
  file=$(grep -l "claimed_by: $agent\$" .agents/$project/claimed/"$task.toon" 2>/dev/null | head -n 1)
  [ -n "$file" ] || { echo "$task is not claimed by $agent" >&2; exit 3; }
  home=$(dirname "$(dirname "$file")")
  name=$(basename "$home")/$task
}

heartbeat() {
  find_own
  sed -i -e "s/last_heartbeat: .*/last_heartbeat: $now/" -e '$a\' "$file"
  # Two within a second change nothing.
  git diff --quiet && exit 0
  message="[AGENT-HEARTBEAT] $agent working on $task"
}

complete() {
  find_own
  mkdir -p "$home/completed"
  mv "$file" "$home/completed/"
  printf '\ncompletion:\n  status: completed\n  completed_at: %s\n  completed_by: %s\n' "$now" "$agent" \
    >>"$home/completed/$task.toon"
  [ -z "$pr" ] || echo "  pr_url: $pr" >>"$home/completed/$task.toon"
  message="[AGENT-COMPLETE] $agent completed $name"
}

# Puts a claimed task into the ready folder, without the claim block.
put_back() {
  sed -i '/^claim:/,$d' "$1"
  mkdir -p "$(dirname "$(dirname "$1")")/tasks"
  mv "$1" "$(dirname "$(dirname "$1")")/tasks/"
}

release() {
  find_own
  put_back "$file"
  message="[AGENT-RELEASE] $agent released $task from $(basename "$home")"
}

release_stalled() {
  count=0
  for file in .agents/*/claimed/*.toon; do
    [ -f "$file" ] || continue
    heartbeat=$(date -u -d "$(sed -n 's/.*last_heartbeat: *//p' "$file" | tail -n 1)" +%s)
    [ "$heartbeat" -lt $(($(date -u +%s) - minutes * 60)) ] || continue
    put_back "$file"
    count=$((count + 1))
  done
  [ "$count" -gt 0 ] || exit 0
  message="[ORCHESTRATOR] Released $count stalled tasks (no heartbeat for $minutes""m)"
}

action=$1 project='*'
case $action in
  claim) agent=$2; [ -z "$3" ] || project=$3 ;;
  release-stalled) action=release_stalled minutes=$2; [ -n "$minutes" ] || minutes=30 ;;
  *)
    task=$(basename "$2") agent=$3 pr=$4
    case $2 in */*) project=$(dirname "$2") ;; esac
    ;;
esac
unit=$(printenv OLD_AGENT_DELAY || echo 1)
for delay in 1 2 4 8 16 last; do
  catch_up
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  "$action"
  git add -A .agents
  git commit -q -m "$message"
  if git push -q origin "$branch" 2>/dev/null; then
    [ -z "$name" ] || echo "$name"
    exit 0
  fi
  git reset -q --hard "origin/$branch"
  [ "$delay" = last ] || sleep "$(awk -v d="$delay" -v u="$unit" -v s="$RANDOM$RANDOM" 'BEGIN { srand(s); print u * d * (1 + rand()) }')"
done
exit 2
`;

/** The identity that git needs for a commit if none is configured. */
export const OLD_AGENT_IDENTITY: Readonly<Record<string, string>> = {
  GIT_AUTHOR_NAME: 'old agent',
  GIT_AUTHOR_EMAIL: 'old-agent@agentq.invalid',
  GIT_COMMITTER_NAME: 'old agent',
  GIT_COMMITTER_EMAIL: 'old-agent@agentq.invalid',
};
