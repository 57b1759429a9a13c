import { randomUUID } from 'node:crypto';
import type { Memory } from '../base/editorMemory';
import type { EnvironmentMarker } from './table/processTable';

const KEY = 'ipfsKit.spawnId';
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** One marker for this installation, so that any window recognizes the daemons that another has started. */
export function spawnMarker(memory: Memory): EnvironmentMarker {
  const known = memory.get(KEY);
  if (typeof known === 'string' && UUID.test(known)) return { name: 'IPFS_KIT_SPAWN_ID', value: known };
  const value = randomUUID();
  void memory.update(KEY, value);
  return { name: 'IPFS_KIT_SPAWN_ID', value };
}
