import { IpfsKitError } from './ipfsKitError';

/** The part of vscode.Memento that is used. */
export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/**
 * A memory that never throws or rejects, and that callers never wait for: the stored state (the order of a list, a marker) matters less than the start of the
 * extension. `report` gets the first error.
 */
export function forgivingMemory(memory: Memory, report: (why: string) => void): Memory {
  let isReported = false;
  const failed = (error: unknown): undefined => {
    if (!isReported) report(`VS Code couldn't read or save the state of IPFS Kit: ${IpfsKitError.from(error).message}`);
    isReported = true;
  };
  return {
    get: (key) => {
      try {
        return memory.get(key);
      } catch (error) {
        return failed(error);
      }
    },
    update: async (key, value) => {
      try {
        await memory.update(key, value);
      } catch (error) {
        failed(error);
      }
    },
  };
}
