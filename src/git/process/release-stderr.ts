/**
 * An ssh master that stays in the background (ControlPersist) keeps git's stderr open long after git has ended, but not
 * its stdout. So once stdout has ended (call this then) and stderr is silent, we no longer wait for stderr.
 */
export function releaseStderr(stderr: NodeJS.ReadableStream & { destroy?: () => void }): void {
  let silent = true;
  stderr.on('data', () => {
    silent = false;
  });
  const check = () => {
    const timer = setTimeout(() => {
      // One more turn of the event loop, so that what is in the pipe is read even if this timer runs late.
      setImmediate(() => {
        if (silent) stderr.destroy?.();
        else check();
      });
      silent = true;
    }, 250);
    timer.unref();
    stderr.once('close', () => clearTimeout(timer));
  };
  check();
}
