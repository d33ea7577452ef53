import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { connect, listenExclusively } from '../../../src/machine/socket.ts';

/** A process that has a single file left when it comes to a taken path: `out-of-files.ts <folder>`. Prints what it got. */
const [, , folder = ''] = process.argv;
const path = join(folder, 'a.sock');
const files: number[] = [];
try {
  for (;;) files.push(openSync(process.execPath, 'r'));
} catch {
  closeSync(files.pop() ?? -1);
}
const listening = await listenExclusively(path, (socket) => socket.destroy());
files.push(openSync(process.execPath, 'r'));
const reached = await connect(path);
for (const file of files) closeSync(file);
process.stdout.write(`${listening.kind} ${reached.kind}`);
process.exit();
