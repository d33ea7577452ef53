#!/usr/bin/env bash
# Works on tasks with a command, one after another, until none are left.
# Usage: worker.sh <agent-id> [project] -- <command> [arguments...]
# The command gets the task's text on stdin, and AGENTQ_TASK_ID, AGENTQ_PROJECT and AGENTQ_AGENT. Exit 0 completes the
# task, anything else gives it back. `agentq work` does the same for many agents in one process, and more.
# WORKER_PAUSE: seconds before it tries again after a failed task (default 60) or a failed command of agentq (half).
set -u

usage() {
  echo "usage: worker.sh <agent-id> [project] -- <command> [arguments...]" >&2
  exit 64
}

agent=${1:-} project=
[ -n "$agent" ] && [ "$agent" != -- ] || usage
shift
if [ "${1:---}" != -- ]; then project=$1 && shift; fi
[ "${1:-}" = -- ] && [ $# -gt 1 ] || usage
shift
long=${WORKER_PAUSE:-60} short=$(((${WORKER_PAUSE:-60} + 1) / 2))

# AGENTQ_BIN, or agentq on the PATH, or the one that `agentq init` put beside the queue.
launcher=$(cd "$(dirname "$0")/.." && pwd)/bin/agentq
agentq() {
  if [ -n "${AGENTQ_BIN:-}" ]; then "$AGENTQ_BIN" "$@"
  elif type -P agentq >/dev/null; then command agentq "$@"
  else sh "$launcher" "$@"; fi
}

# What was started in the background ends with this script: the command, the heartbeats, a pause.
held= worker=
finish() {
  trap - EXIT
  for job in $worker $(jobs -p); do kill "$job" 2>/dev/null; done
  wait
  # What was being worked on goes back at once. What is done does not: its claim ends by itself if nobody completes it.
  if [ -n "$held" ]; then agentq release "$held" "$agent" --reason "worker.sh was ended"; fi
}
trap finish EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# In the background, so that a signal is heard at once and no `sleep` is left behind.
pause() {
  sleep "$1" &
  wait $!
}

# Runs a command of agentq until its answer is known: 2 and 4 mean that it can succeed later. It ends after a hundred tries.
until_known() {
  local code tries
  for ((tries = 1; tries <= 100; tries++)); do
    agentq "$@"
    code=$?
    case $code in
      2 | 4) pause "$short" ;;
      *) return "$code" ;;
    esac
  done
  return "$code"
}

lost=0
while true; do
  # Not until_known: a signal would not reach what runs in $( ).
  task=$(agentq claim "$agent" "$project")
  code=$?
  case $code in
    0) lost=0 ;; # ours
    1) exit 0 ;; # nothing to claim
    2 | 4)
      lost=$((lost + 1))
      [ "$lost" -lt 100 ] || exit "$code"
      pause "$short"
      continue
      ;;
    *) exit "$code" ;; # wrong usage or a broken setup: trying again will not help
  esac
  held=$task

  agentq show "$task" |
    AGENTQ_PROJECT=${task%%/*} AGENTQ_TASK_ID=${task#*/} AGENTQ_AGENT=$agent "$@" &
  worker=$!
  # Renews the claim until the command ends, and ends the command if the claim is lost.
  agentq -q heartbeat "$task" "$agent" --watch --pid "$worker" >/dev/null &
  beat=$!

  wait "$worker"
  code=$?
  kill "$beat" 2>/dev/null
  wait "$beat" 2>/dev/null
  held= worker=
  if [ "$code" -eq 0 ]; then
    # The work is done: whatever goes wrong from here on, it is not given back. 3: the claim was lost before.
    until_known complete "$task" "$agent"
    code=$?
    case $code in 0 | 3) ;; *) exit "$code" ;; esac
  else
    until_known release "$task" "$agent" --reason "the command ended with $code" >/dev/null
    pause "$long" # it may be the best task again: let others try it
  fi
done
