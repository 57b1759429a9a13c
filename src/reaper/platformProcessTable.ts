import { createLinuxProcessTable } from './linuxProcessTable';
import type { ProcessTable } from './processTable';

export function platformProcessTable(): ProcessTable {
  return createLinuxProcessTable();
}
