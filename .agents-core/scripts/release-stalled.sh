#!/bin/sh
# Gives back every task whose agent has been silent for too long; prints one line per task.
# Usage: release-stalled.sh [timeout-minutes] [branch]
# Exit codes: 0, also if there was nothing to do.
# Replaces the older script of this name: same arguments, same answer on stdout. Options of agentq may follow.
set -u

# Runs AGENTQ_BIN, or agentq on the PATH, or the one in node_modules, or the one that `agentq init` put beside the queue.
run() {
  if [ -n "${AGENTQ_BIN:-}" ]; then exec "$AGENTQ_BIN" "$@"; fi
  if command -v agentq >/dev/null 2>&1; then exec agentq "$@"; fi
  root=$(git rev-parse --show-toplevel 2>/dev/null || echo .)
  for dir in . "$root" "$(dirname "$0")/../.."; do
    if [ -x "$dir/node_modules/.bin/agentq" ]; then exec "$dir/node_modules/.bin/agentq" "$@"; fi
  done
  for dir in "$(dirname "$0")/../.." "$root"; do
    if [ -f "$dir/.agents-core/bin/agentq" ]; then exec sh "$dir/.agents-core/bin/agentq" "$@"; fi
  done
  # This checkout has no kit: the queue's branch has one.
  branch=${AGENTQ_BRANCH:-develop}
  for ref in "refs/remotes/${AGENTQ_REMOTE:-origin}/$branch" "refs/heads/$branch"; do
    if program=$(git show "$ref:.agents-core/bin/agentq" 2>/dev/null); then exec sh -c "$program" agentq "$@"; fi
  done
  echo "agentq is not installed, and neither this checkout nor the branch $branch has one: run \`agentq init\` once" >&2
  exit 5
}

limit=${1:-}
[ $# -eq 0 ] || shift
branch=${1:-}
[ $# -eq 0 ] || shift
case $limit in
  '') run release-stalled '' "$branch" "$@" ;;
  *[!0-9]*) run release-stalled '' "$branch" --older-than="$limit" "$@" ;;
  *) run release-stalled '' "$branch" --older-than="${limit}m" "$@" ;;
esac
