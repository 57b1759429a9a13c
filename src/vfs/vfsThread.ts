import type { IpfsKitError } from '../base/ipfsKitError';
import type { ThreadHandle } from '../base/threadHandle';
import { createThreadHandle } from '../base/threadHandle';
import type { VfsOperations, VfsSign } from './protocol';

/** Longer than any question takes that ends by itself (vfsWorker.ts). */
const SILENCE_MS = 45_000;
/** Blocks lie outside of it. */
const HEAP_MB = 512;

export type VfsThread = ThreadHandle<VfsOperations, VfsSign>;

/** `file`: the bundle of vfsWorker.ts. `onNote`: of sources that are left out for a while, or respond again. */
export function createVfsThread(file: string, onEnded?: (why: IpfsKitError) => void, onNote?: (note: string) => void): VfsThread {
  return createThreadHandle<VfsOperations, VfsSign>({
    file,
    workerData: () => undefined,
    silenceMs: SILENCE_MS,
    heapMb: HEAP_MB,
    onEnded,
    onNote,
    texts: {
      silent: 'Reading from IPFS',
      full: "The content exceeds IPFS Kit's memory limit.",
      failed: 'The thread that reads from IPFS failed',
      ended: 'The thread that reads from IPFS ended. Try again.',
    },
  });
}
