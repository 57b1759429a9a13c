/**
 * Draws rows in slices of about `mostMs`, each in a turn of the event loop, so that other work gets its turn too. Rows are counted by time, since the first ones
 * take ten times as long as those drawn by optimized code. A row is drawn at once while its turn has time left, and in a later turn otherwise, in order.
 */
export function createRowsPerTurn(
  mostMs: number,
  now = () => performance.now(),
): <Item>(draw: () => Item | Promise<Item>) => Item | Promise<Item> {
  const waiting: (() => void)[] = [];
  let begun: number | undefined;
  const isOver = (): boolean => begun !== undefined && now() - begun >= mostMs;
  const begin = (): void => {
    begun = now();
    setImmediate(() => {
      begun = undefined;
      if (waiting.length === 0) return;
      begin();
      for (let at = waiting.shift(); at; at = isOver() ? undefined : waiting.shift()) at();
    });
  };
  return <Item>(draw: () => Item | Promise<Item>): Item | Promise<Item> => {
    if (begun === undefined) begin();
    if (waiting.length === 0 && !isOver()) return draw();
    return new Promise((resolve) => waiting.push(() => resolve(new Promise((drawn) => drawn(draw())))));
  };
}
