import type { Pin } from './pin';
import type { GroupKey } from './pinQuery';

/**
 * The group of a pin; undefined for a pin without that property. Months are `2026-11`, folders end without a slash, copies are `2`, or `2+` where there may be
 * more, and sources all that list its content.
 */
export function groupKeyOf(pin: Pin, key: GroupKey): string | undefined {
  switch (key) {
    case 'type':
      return pin.type;
    case 'status':
      return pin.status;
    case 'tier':
      return pin.tier;
    case 'backend':
      return pin.backend;
    case 'month':
      return pin.pinnedAt?.slice(0, 7);
    case 'copies':
      if (pin.copies !== undefined) return `${pin.copies}`;
      return pin.copiesAtLeast === undefined ? undefined : `${pin.copiesAtLeast}+`;
    case 'source':
      return pin.sources?.join(', ');
    case 'folder': {
      if (pin.vfsPath === undefined) return undefined;
      const end = pin.vfsPath.lastIndexOf('/');
      return end > 0 ? pin.vfsPath.slice(0, end) : '/';
    }
  }
}
