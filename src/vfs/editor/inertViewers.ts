/**
 * The editors that open content by default, other than the text editor: built-in viewers that draw pixels and play sound, and run nothing of what they show
 * (extensions/media-preview: an <img>, <audio> or <video> element). Notebooks draw HTML with scripts, and the editors of other extensions do what they like: a
 * person who wants one chooses "Reopen Editor With…".
 * package.json lists the same viewers for the Explorer, as the default of `workbench.editorAssociations`; a test compares the two. The longest matching pattern
 * wins there (editorResolverService.ts), so the patterns of `ipfs:` come before those for notebooks.
 */
export const INERT_VIEWERS: Readonly<Record<string, readonly string[]>> = {
  'imagePreview.previewEditor': ['avif', 'bmp', 'gif', 'ico', 'jpe', 'jpeg', 'jpg', 'png', 'webp'],
  'vscode.audioPreview': ['mp3', 'oga', 'ogg', 'wav'],
  'vscode.videoPreview': ['mp4', 'webm'],
};

/** VS Code's id for its text editor. */
export const TEXT_EDITOR = 'default';

/** The id of the editor for a file of this name. */
export function viewerFor(name: string): string {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.entries(INERT_VIEWERS).find(([, endings]) => endings.includes(ending))?.[0] ?? TEXT_EDITOR;
}
