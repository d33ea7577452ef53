/**
 * Stands for how task files are read, and for what the index of readings keeps of it. An index that another agentq wrote
 * under another version is not used. A test computes it from the sources, so that it cannot be forgotten, and tells what
 * to write here; the version of the package would let those who work on agentq read with yesterday's codec.
 */
export const CODEC_VERSION: string = '2c6f373bc235';
