/** Path of the settings file in a repository. It is here, so that using it does not load the parser of that file. */
export const SETTINGS_FILE = '.agents-core/config/agentq.toon';

/** Most retries that a flag, a variable or the settings file can ask for. */
export const MOST_RETRIES = 1000;

/** The name that we propose for a branch which holds nothing but the queue. */
export const QUEUE_BRANCH = 'agentq-queue';
