#!/bin/sh
# Completes a claimed task and makes ready what waited for it; prints the task, then one line per unblocked task.
# Usage: complete-task.sh <task-id> <agent-id> [pr-url] [project] [branch]
# Exit codes: 0 completed, 3 this agent no longer holds the task.
# Replaces the older script of this name: same arguments, same answer on stdout. Options of agentq may follow.
set -u

# Runs AGENTQ_BIN, or agentq on the PATH, or the one in node_modules, or npx.
run() {
  if [ -n "${AGENTQ_BIN:-}" ]; then exec "$AGENTQ_BIN" "$@"; fi
  if command -v agentq >/dev/null 2>&1; then exec agentq "$@"; fi
  for dir in . "$(git rev-parse --show-toplevel 2>/dev/null || echo .)" "$(dirname "$0")/../.."; do
    if [ -x "$dir/node_modules/.bin/agentq" ]; then exec "$dir/node_modules/.bin/agentq" "$@"; fi
  done
  if command -v npx >/dev/null 2>&1; then exec npx --yes agentq "$@"; fi
  echo "agentq is not installed: npm install --global agentq" >&2
  exit 5
}

run complete "$@"
