import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, unlinkSync } from 'node:fs';

/** pid_max can't be set higher (proc_sys_kernel(5)). */
const LARGEST_PID = 4_194_304;
const MOST_BYTES = 64;

/** Reads the PID in a PID file, or says what is wrong with the file. Anyone may have written the file, so it proves nothing. */
export function readPidFile(file: string): { readonly pid: number } | { readonly detail: string } {
  let descriptor: number;
  try {
    if (!lstatSync(file).isFile()) return { detail: "isn't a regular file" };
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    return { detail: (error as NodeJS.ErrnoException).code === 'ENOENT' ? "doesn't exist" : "can't be read" };
  }
  try {
    if (!fstatSync(descriptor).isFile()) return { detail: "isn't a regular file" };
    const bytes = Buffer.alloc(MOST_BYTES + 1);
    const text = bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, 0));
    if (text.length > MOST_BYTES || !/^\s*\d{1,10}\s*$/.test(text)) return { detail: "doesn't contain a PID" };
    const pid = Number(text);
    return pid > 1 && pid <= LARGEST_PID ? { pid } : { detail: 'contains an impossible PID' };
  } catch {
    return { detail: "can't be read" };
  } finally {
    closeSync(descriptor);
  }
}

/** Removes the file if it belongs to this user and still names a process that is proven dead. */
export function removePidFileOf(file: string, isDead: (pid: number) => boolean): { removed: boolean; detail: string } {
  const found = readPidFile(file);
  if ('detail' in found) return { removed: false, detail: found.detail };
  if (!isDead(found.pid)) return { removed: false, detail: `contains the running PID ${found.pid}` };
  try {
    const uid = process.getuid?.();
    if (uid !== undefined && lstatSync(file).uid !== uid) return { removed: false, detail: 'belongs to another user' };
    // A daemon that has just started may have written the file again.
    const again = readPidFile(file);
    if (!('pid' in again) || again.pid !== found.pid) return { removed: false, detail: 'was written again in the meantime' };
    unlinkSync(file);
    return { removed: true, detail: `contained PID ${found.pid}, which isn't running` };
  } catch (error) {
    return { removed: false, detail: `couldn't be removed: ${(error as Error).message}` };
  }
}
