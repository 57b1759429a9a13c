import type { GroupKey } from '../../pin/pinQuery';
import type { NameOf } from '../list/listsJoin';
import type { GroupNode } from '../../columns/groupLevel';
import type { SafeText } from '../../base/safeText';
import { safe, safeName, safeText } from '../../base/safeText';
import { MONTHS, sizeText, UNIT_WORDS } from '../../base/sizeAndAge';
import { sourcesOfKey } from './copiesText';
import { totalText } from './sizesText';
import type { Noun } from './pinCount';
import { pinCount } from './pinCount';

/** The texts of a group in a row, in a tooltip and for screen readers. */

export const NAME_OF_KEY = {
  type: 'type',
  status: 'status',
  tier: 'storage tier',
  backend: 'backend',
  month: 'date',
  folder: 'VFS path',
  copies: 'number of copies',
  source: 'source',
} as const satisfies Record<GroupKey, string>;

const ITSELF: NameOf = (id) => id;

/** The label of a group by `by`. A folder below the folder `parent` is shown by the rest of its path. `nameOf`: for groups by source. */
export function groupLabel({ key }: GroupNode, by: GroupKey, parent: string | undefined, nameOf = ITSELF): SafeText {
  if (key === undefined) return safe`No ${NAME_OF_KEY[by]}`;
  if (by === 'month') return monthName(key);
  if (by === 'status' || by === 'type') return safeText(key.charAt(0).toUpperCase() + key.slice(1)); // as in menus
  if (by === 'copies') return copiesText(key);
  if (by === 'source') return sourcesOfKey(key, nameOf);
  if (by !== 'folder') return safeText(key);
  return safeName(parent === undefined ? key : key.slice(parent.length + 1));
}

/** `1 copy`, and of `1+`, where there may be more, `1 copy or more`. */
function copiesText(key: string): SafeText {
  const count = key.replace('+', '');
  return safeText(`${count} ${count === '1' ? 'copy' : 'copies'}${count === key ? '' : ' or more'}`);
}

function monthName(key: string): SafeText {
  const month = MONTHS[Number(key.slice(5, 7)) - 1];
  return month === undefined ? safeText(key) : safe`${month} ${key.slice(0, 4)}`;
}

export function groupDescription(group: GroupNode, noun?: Noun): SafeText {
  const size = totalText(group, sizeText, noun);
  return size === undefined ? pinCount(group.count, noun) : safe`${pinCount(group.count, noun)} · ${size}`;
}

export function groupSpoken(group: GroupNode, by: GroupKey, parent: string | undefined, noun?: Noun, nameOf?: NameOf): SafeText {
  const size = totalText(group, (bytes) => sizeText(bytes, UNIT_WORDS), noun) ?? 'size unknown';
  return safe`${by === 'folder' && group.key !== undefined ? 'folder ' : ''}${groupLabel(group, by, parent, nameOf)}, ${pinCount(group.count, noun)}, ${size}`;
}
