/** Whether repetitive tests run in full, which takes minutes; set by IPFS_KIT_LONG. */
export const isLong = process.env['IPFS_KIT_LONG'] !== undefined;

/** The share of a long test that runs: all of it in a long run, else what `npm test` has time for. */
export const SHARE = isLong ? 1 : 1 / 24;

const LEAST_ROUNDS = 12;

/** The number of rounds of a random test. Each `npm test` runs different ones, and each makes dozens of queries, so a few rounds find most faults. */
export function rounds(all: number): number {
  return isLong ? all : Math.max(LEAST_ROUNDS, Math.ceil(all / 16));
}
