/** The plainest reading of src/pin/naturalOrder.ts: numbers by value, other characters by code point, A to Z as a to z. 0 where the order leaves two texts equal. */
export function comparePlainly(one: string, other: string): number {
  const [left, right] = [partsOf(one), partsOf(other)];
  for (const [at, a] of left.entries()) {
    const b = right[at];
    if (b === undefined) return 1;
    if (typeof a === 'bigint' && typeof b === 'bigint') {
      if (a !== b) return a < b ? -1 : 1;
    } else {
      const [x, y] = [codeOf(a), codeOf(b)];
      if (x !== y) return x - y;
    }
  }
  return left.length - right.length;
}

/** A number takes the place of its digits among the characters. */
function codeOf(part: bigint | string): number {
  return typeof part === 'bigint' ? 0x30 : (part.codePointAt(0) ?? 0);
}

function partsOf(text: string): (bigint | string)[] {
  const folded = Buffer.from(text)
    .toString()
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return (folded.match(/[0-9]+|[^0-9]/gu) ?? []).map((part) => (/^[0-9]/.test(part) ? BigInt(part) : part));
}
