/** The polynomial of CRC-32C (Castagnoli), with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;
const OF_BYTE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});
/** Turned and added, so that the checksum of bytes that contain checksums is still a good one. */
const [TURNED_BITS, ADDED] = [15, 0xa282ead8] as const;

/** The checksum that LevelDB stores of bytes: their CRC-32C, masked. */
export function checksumOf(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = (OF_BYTE[(rest ^ byte) & 0xff] ?? 0) ^ (rest >>> 8);
  const crc = ~rest >>> 0;
  return (((crc >>> TURNED_BITS) | (crc << (32 - TURNED_BITS))) + ADDED) >>> 0;
}
