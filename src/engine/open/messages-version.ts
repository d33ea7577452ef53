/**
 * Stands for what processes that meet say to each other: it is part of the key that they meet at, so that different versions
 * never meet. A test computes it from the sources of the messages, so that it cannot be forgotten, and writes this file:
 * `npx vitest run test/engine/open/messages-version.test.ts -u`.
 */
export const MESSAGES_VERSION: string = '9d9f5e5db8c7';
