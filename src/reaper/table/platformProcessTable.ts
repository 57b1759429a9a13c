import { createLinuxProcessTable } from './linuxProcessTable';
import { createMacProcessTable } from './macProcessTable';
import type { ProcessTable } from './processTable';
import { createWindowsProcessTable } from './windowsProcessTable';

/** The table of this system. A system that is neither macOS nor Windows has procfs, or the first look reports that it has none. */
export function platformProcessTable(platform: NodeJS.Platform = process.platform): ProcessTable {
  if (platform === 'darwin') return createMacProcessTable();
  if (platform === 'win32') return createWindowsProcessTable();
  return createLinuxProcessTable();
}
