/** Path of the settings file in a repository: found there without loading what reads it. */
export const SETTINGS_FILE = '.agents-core/config/agentq.toon';

/** Most retries that flag, variable or file can ask for. */
export const MOST_RETRIES = 1000;
