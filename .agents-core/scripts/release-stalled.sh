#!/bin/sh
# Gives back every task whose agent has been silent for too long; prints one line per task.
# Usage: release-stalled.sh [timeout-minutes] [branch]
# Exit codes: 0, also if there was nothing to do.
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

limit=${1:-}
[ $# -eq 0 ] || shift
branch=${1:-}
[ $# -eq 0 ] || shift
case $limit in
  '') run release-stalled '' "$branch" "$@" ;;
  *[!0-9]*) run release-stalled '' "$branch" --older-than="$limit" "$@" ;;
  *) run release-stalled '' "$branch" --older-than="${limit}m" "$@" ;;
esac
