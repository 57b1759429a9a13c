import { TYPE } from './columnTypes';
import type { FlatTable } from './flatbuffers';

/**
 * The extension types that Arrow's own C++ library knows. It rejects a body in which one of them has the wrong storage type. Definitions:
 * arrow.apache.org/docs/format/CanonicalExtensions.html. The shape of tensors in their metadata isn't checked.
 */
type IsStorage = (type: number, of: FlatTable, metadata: string) => boolean;

const UUID_BYTES = 16;
const BOOL8_BITS = 8;

const EXTENSIONS: Readonly<Record<string, IsStorage>> = {
  'arrow.bool8': (type, of, metadata) => type === TYPE.int && of.i32(0) === BOOL8_BITS && of.u8(1) !== 0 && metadata === '',
  'arrow.uuid': (type, of, metadata) => type === TYPE.fixedSizeBinary && of.i32(0) === UUID_BYTES && metadata === '',
  'arrow.json': (type) => type === TYPE.utf8 || type === TYPE.largeUtf8 || type === TYPE.utf8View,
  'arrow.opaque': (_type, _of, metadata) => isOpaque(metadata),
  'arrow.fixed_shape_tensor': (type) => type === TYPE.fixedSizeList,
  'arrow.variable_shape_tensor': (type) => type === TYPE.struct,
};

const NAME = 'ARROW:extension:name';
const METADATA = 'ARROW:extension:metadata';

/** Whether the field has a known extension type; throws RangeError if its storage type is wrong. A dictionary has the type none. */
export function isExtension(keyValues: readonly FlatTable[], type: number, of: FlatTable): boolean {
  if (keyValues.length === 0) return false;
  const valueOf = (key: string): string | undefined => keyValues.find((each) => each.text(0) === key)?.text(1);
  const name = valueOf(NAME);
  const isStorage = name !== undefined && Object.hasOwn(EXTENSIONS, name) ? EXTENSIONS[name] : undefined;
  if (!isStorage) return false;
  if (!isStorage(type, of, valueOf(METADATA) ?? '')) throw new RangeError(`A column isn't a valid ${name ?? ''}.`);
  return true;
}

/** Enough for two names: the parser takes a hundred times the memory of the brackets that it parses. */
const LONGEST_OPAQUE = 65_536;

function isOpaque(metadata: string): boolean {
  if (metadata.length > LONGEST_OPAQUE) return false;
  try {
    const parsed: unknown = JSON.parse(metadata);
    if (typeof parsed !== 'object' || parsed === null) return false;
    const { type_name: type, vendor_name: vendor } = parsed as Readonly<Record<string, unknown>>;
    return typeof type === 'string' && typeof vendor === 'string';
  } catch {
    return false;
  }
}
