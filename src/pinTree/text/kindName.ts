import type { AskedFacts } from '../../pinSource/pinSource';

/** By the endings that fileEnding.ts gives. */
const KINDS: Readonly<Record<string, string>> = {
  '.png': 'PNG image',
  '.jpg': 'JPEG image',
  '.gif': 'GIF image',
  '.webp': 'WebP image',
  '.bmp': 'BMP image',
  '.ico': 'Icon',
  '.avif': 'AVIF image',
  '.svg': 'SVG image',
  '.wav': 'WAV audio',
  '.mp3': 'MP3 audio',
  '.ogg': 'Ogg audio',
  '.mp4': 'MP4 video',
  '.webm': 'WebM video',
  '.pdf': 'PDF document',
  '.html': 'HTML document',
  '.xml': 'XML document',
  '.json': 'JSON document',
  '.zip': 'ZIP archive',
  '.gz': 'Gzip archive',
};

/** What content without a name is, in a few words: `PNG image`, `File`, `Folder`; undefined while that is unknown. */
export function kindName({ isFile, ending }: AskedFacts): string | undefined {
  if (isFile === undefined) return undefined;
  return isFile ? ((ending === undefined ? undefined : KINDS[ending]) ?? 'File') : 'Folder';
}
