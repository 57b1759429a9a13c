import type { HostWord } from './hostProcess';

const TICK_MS = 5;
const REPORT_EVERY_MS = 100;

/**
 * The entry's side of inHostProcess: runs `run` on the main thread of this process, which must exit by itself afterwards. A handle that is left open keeps
 * it running until it is killed, as a leak would.
 */
export function asHost(run: (argument: never) => Promise<unknown>): void {
  let [ticks, longestBlockMs, last] = [0, 0, performance.now()];
  const measured = (): HostWord => ({ peakMb: Math.round(process.resourceUsage().maxRSS / 1024), ticks, longestBlockMs });
  const tell = (word: Partial<HostWord> = {}): boolean | undefined => process.send?.({ ...measured(), ...word });
  const ticking = setInterval(() => {
    const now = performance.now();
    ticks++;
    longestBlockMs = Math.max(longestBlockMs, Math.round(now - last));
    last = now;
  }, TICK_MS);
  const telling = setInterval(tell, REPORT_EVERY_MS);
  void run(JSON.parse(process.argv[2] ?? 'null') as never)
    .then(
      (result) => tell({ result }),
      (error: unknown) => tell({ failure: String(error) }),
    )
    .finally(() => {
      clearInterval(ticking);
      clearInterval(telling);
      process.disconnect();
    });
}
