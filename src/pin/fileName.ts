/** The file name of a pin; undefined where neither its name nor its path could be one. */
export function fileNameOf({ name, vfsPath }: { readonly name?: string; readonly vfsPath?: string }): string | undefined {
  const last = (vfsPath ?? name ?? '').split('/').at(-1) ?? '';
  return last === '' || last === '.' || last === '..' || last.length > 200 || /[\p{Cc}\\]/u.test(last) ? undefined : last;
}

/** A guess, for content that nothing else is known of: `readme.md` is a file, `docs-v1.2.0` may be either. */
export function hasFileEnding(name: string): boolean {
  return /[^.]\.[a-z][a-z\d]{0,4}$/i.test(name);
}

/** Whether a path can contain this name. Editors split other names. */
export function isPathName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\u0000');
}
