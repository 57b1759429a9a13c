import { createLinuxProcessTable } from './linuxProcessTable';
import { createMacProcessTable } from './macProcessTable';
import type { ProcessTable } from './processTable';
import { createWindowsProcessTable } from './windowsProcessTable';

/** Of the system this runs on. What is no macOS and no Windows has procfs, or the first look says that there is none. */
export function platformProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  if (platform === 'darwin') return createMacProcessTable();
  if (platform === 'win32') return createWindowsProcessTable();
  return createLinuxProcessTable();
}
