/**
 * Identifies how task files are read, and what the index of readings keeps of them. An index that another agentq wrote
 * under another version is not used. A test computes the version from the sources, so that nobody can forget it, and
 * says what to write here. With the version of the package, people who work on agentq would read with yesterday's
 * codec.
 */
export const CODEC_VERSION: string = 'b9b620d70b68';
