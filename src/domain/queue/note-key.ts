/**
 * The key of a note's line in a task file: `2026-03-01T12:00:00Z agent-1`. `#2` after the author keeps the keys of one
 * second apart.
 */
export const NOTE_KEY: RegExp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([^#]*[^# ])(?: #\d+)?$/;
