#!/usr/bin/env bash
# An agent of the older kind, for tests: it follows the algorithm of the scripts that agentq replaces, in a clone of its own.
#
#   old-agent.sh claim <agent-id> [project] [branch]
#   old-agent.sh heartbeat <task-id> <agent-id> [project] [branch]
#   old-agent.sh complete <task-id> <agent-id> [pr-url] [project] [branch]
#   old-agent.sh release <task-id> <agent-id> [project] [branch]
#   old-agent.sh release-stalled [minutes] [branch]
#
# Fetch, check out, pull --rebase, change files with mv, sed and cat, commit, push; whoever loses the race backs off
# 1, 2, 4, 8, 16 times OLD_AGENT_DELAY seconds (default 1), each times a random 1 to 2.
# Exit codes: 0 done, 1 nothing to claim, 2 gave up, 3 not this agent's.
set -euo pipefail

readonly MAX_ATTEMPTS=${OLD_AGENT_ATTEMPTS:-5}
readonly DELAY=${OLD_AGENT_DELAY:-1}

log() { echo "[$(date -u +%H:%M:%S)] $*" >&2; }
now() { date -u +%Y-%m-%dT%H:%M:%SZ; }

sync_branch() {
  git fetch -q origin "$branch"
  git checkout -q "$branch" 2>/dev/null || git checkout -q -b "$branch" "origin/$branch"
  git pull -q --rebase origin "$branch" || { git rebase --abort || true; git reset -q --hard "origin/$branch"; }
}

back_off() {
  awk -v base="$DELAY" -v n="$1" -v seed="$RANDOM$RANDOM" 'BEGIN { srand(seed); print base * 2 ^ (n - 1) * (1 + rand()) }' |
    xargs sleep
}

# Commits everything and pushes; a lost race takes the commit back.
publish() {
  git add -A .agents
  git commit -q -m "$1"
  if git push -q origin "$branch" 2>/dev/null; then return 0; fi
  git reset -q --hard HEAD~1
  return 1
}

# Runs "$@" (which changes files and sets $message) until the push succeeds.
until_pushed() {
  local attempt
  for ((attempt = 1; attempt <= MAX_ATTEMPTS; attempt++)); do
    sync_branch
    "$@"
    if publish "$message"; then return 0; fi
    log "conflict, attempt $attempt"
    if ((attempt < MAX_ATTEMPTS)); then back_off "$attempt"; fi
  done
  exit 2
}

# Every required id has a file in the completed folder.
dependencies_met() {
  local dependency
  while read -r dependency; do
    [[ -z $dependency || -f "$2/completed/$dependency.toon" ]] || return 1
  done < <(awk '/^ *required\[/ { inside = 1; sub(/.*:/, ""); gsub(/,/, "\n"); print; next }
                inside && /^ *[A-Za-z_]+(\[|:)/ { inside = 0 }
                inside { print }' "$1" | awk '{ print $1 }')
}

# Path of the ready task with the highest priority.
pick() {
  local file best='' best_priority=-1 priority
  for file in .agents/${project:-*}/tasks/*.toon; do
    [[ -f $file ]] || continue
    grep -q '^ *status: ready' "$file" || continue
    dependencies_met "$file" "$(dirname "$(dirname "$file")")" || continue
    priority=$(sed -n 's/^ *priority: *\([0-9]*\).*/\1/p' "$file" | head -n 1)
    if ((${priority:-0} > best_priority)); then
      best=$file
      best_priority=${priority:-0}
    fi
  done
  echo "$best"
}

claim_best() {
  local file home
  file=$(pick)
  if [[ -z $file ]]; then
    log 'no tasks'
    exit 1
  fi
  home=$(dirname "$(dirname "$file")")
  task=$(basename "$file" .toon)
  project_of_task=$(basename "$home")
  mkdir -p "$home/claimed"
  mv "$file" "$home/claimed/"
  cat >>"$home/claimed/$task.toon" <<BLOCK

claim:
  claimed_by: $agent
  claimed_at: $(now)
  last_heartbeat: $(now)
BLOCK
  message="[AGENT-CLAIM] $agent claimed $task from $project_of_task"
}

# Path of the claimed task, if it is this agent's.
own_file() {
  local file
  for file in .agents/${project:-*}/claimed/"$task.toon"; do
    if [[ -f $file ]] && grep -q "claimed_by: $agent\$" "$file"; then
      echo "$file"
      return
    fi
  done
}

require_own() {
  own=$(own_file)
  if [[ -n $own ]]; then return; fi
  log "$task is not claimed by $agent"
  exit 3
}

beat() {
  require_own
  sed -i "s/last_heartbeat: .*/last_heartbeat: $(now)/" "$own"
  # For the commit: two beats within a second change nothing.
  sed -i -e '$a\' "$own"
  git diff --quiet && exit 0
  message="[AGENT-HEARTBEAT] $agent working on $task"
}

finish() {
  require_own
  local home
  home=$(dirname "$(dirname "$own")")
  mkdir -p "$home/completed"
  mv "$own" "$home/completed/"
  cat >>"$home/completed/$task.toon" <<BLOCK

completion:
  status: completed
  completed_at: $(now)
  completed_by: $agent
${pr:+  pr_url: $pr
}
BLOCK
  message="[AGENT-COMPLETE] $agent completed $(basename "$home")/$task"
}

# Back to the ready folder, without the claim block.
put_back() {
  local home
  home=$(dirname "$(dirname "$1")")
  sed -i '/^claim:/,$d' "$1"
  mkdir -p "$home/tasks"
  mv "$1" "$home/tasks/"
}

give_back() {
  require_own
  put_back "$own"
  message="[AGENT-RELEASE] $agent released $task from $(basename "$(dirname "$(dirname "$own")")")"
}

release_silent() {
  local file beat_at count=0 limit
  limit=$(($(date -u +%s) - minutes * 60))
  for file in .agents/*/claimed/*.toon; do
    [[ -f $file ]] || continue
    beat_at=$(date -u -d "$(sed -n 's/.*last_heartbeat: *//p' "$file" | tail -n 1)" +%s)
    if ((beat_at < limit)); then
      put_back "$file"
      count=$((count + 1))
    fi
  done
  if ((count == 0)); then exit 0; fi
  message="[ORCHESTRATOR] Released $count stalled tasks (no heartbeat for ${minutes}m)"
}

message=''
command=$1
shift
case $command in
  claim)
    agent=$1 project=${2:-} branch=${3:-develop}
    until_pushed claim_best
    echo "$project_of_task/$task"
    ;;
  heartbeat)
    task=${1##*/} agent=$2 project=${3:-} branch=${4:-develop}
    until_pushed beat
    ;;
  complete)
    task=${1##*/} agent=$2 pr=${3:-} project=${4:-} branch=${5:-develop}
    until_pushed finish
    ;;
  release)
    task=${1##*/} agent=$2 project=${3:-} branch=${4:-develop}
    until_pushed give_back
    ;;
  release-stalled)
    minutes=${1:-30} branch=${2:-develop} project=''
    until_pushed release_silent
    ;;
  *)
    log "unknown command $command"
    exit 64
    ;;
esac
