/**
 * The names of files and folders that an editor acts on without being asked: settings, tasks, instructions for agents. Anyone can pin such files, and VS Code
 * asks no trust question for `ipfs:` (isTrustedVirtualResource in its workspaceTrust.ts trusts every scheme but `file`, `vscode-remote` and `vscode-vfs`), so
 * the `ipfs:` file system doesn't contain them. The Pins view shows them, and opens them as plain text (editor/plainTextUri.ts).
 */

interface ObeyedName {
  /** Matches a whole name as `spellings` returns it: lower case, no diacritics. */
  readonly name: RegExp;
  /** The program that acts on the name. */
  readonly why: string;
}

/**
 * Read in VS Code 1.139 by looking for what it joins to the URI of a workspace folder, and for the file names in its built-in extensions.
 *
 * Names that stay, since nothing acts on them under `ipfs:`:
 * - `package.json`, `gruntfile.js`: the built-in npm extension looks for them by `workspace.findFiles`, which
 *   finds nothing where no search provider is registered for the scheme; grunt, gulp and jake look in folders of scheme `file`. A script that a person runs from the hover over
 *   `package.json` starts in a working directory that doesn't exist.
 * - `Cargo.toml`, `*.csproj`, `build.gradle` and other input of build tools: those are programs, and find no such path on disk.
 * - `*.code-profile`, `*.vsix`: imported and installed by commands that ask for a file.
 * - `*.ipynb` and what custom editors show: these act when they are drawn, so they open as text (editor/inertViewers.ts).
 */
export const OBEYED_NAMES: readonly ObeyedName[] = [
  {
    name: /^\./,
    why:
      'Configuration is hidden by custom: .vscode (settings, tasks with runOn folderOpen, launch, mcp.json, extensions, snippets), .mcp.json, .devcontainer, ' +
      '.github (hooks, agents, prompts, instructions), .claude, .agents, .codex, .copilot, .cursor, .cursorrules, .windsurf, .theia, .git, .editorconfig, ' +
      '.npmrc, .eslintrc.js, .prettierrc.js, .env. Not a list: a new tool would be missing from it.',
  },
  {
    name: /\.code-workspace$/,
    why: 'VS Code offers "Open Workspace": folders, settings and tasks of the file’s author, trusted.',
  },
  { name: /\.theia-workspace$/, why: 'The same in Eclipse Theia.' },
  {
    name: /^[jt]sconfig(?:\..*)?\.json$/,
    why: 'VS Code makes a link of what they extend, and shows what the link can’t find in a notification, as Markdown.',
  },
  { name: /^devcontainer\.json$/, why: 'Dev Containers runs its commands.' },
  {
    name: /^(?:agents?|claude|gemini|qwen|crush|warp|copilot-instructions)(?:\.[\w-]+)*\.md$/,
    why: 'Instructions that chat in VS Code (AGENTS.md, CLAUDE.md, CLAUDE.local.md in every folder of the workspace) and other agents follow without asking.',
  },
  {
    name: /\.(?:(?:instructions|prompt|chatmode|agent|automation)\.md|toolsets\.jsonc)$/,
    why: 'Instructions, prompts and agents of VS Code’s chat, in folders that its settings list.',
  },
  { name: /^skill\.md$/, why: 'A skill of VS Code’s chat, which agents follow before anything else.' },
  {
    name: /^hooks\.json$/,
    why: 'Shell commands that VS Code’s chat runs on its events, in folders that chat.hookFilesLocations lists.',
  },
  {
    name: /^(?:mcp(?:[_-]config)?\.json|opencode\.jsonc?)$/,
    why: 'Programs that an editor starts as MCP servers, in folders that editors and agents look in.',
  },
];

/** ASCII letters, digits and signs without blanks, colons and slashes: such a name has one spelling, except for its case. */
const PLAIN = /^[!-.0-9;-[\]-~]*[!-\-0-9;-[\]-~]$/;

/**
 * The ways in which a file system that is less exact than VS Code may read a name: in any letter case (Windows, macOS); with compatibility forms, such as
 * full-width letters, and diacritics as Unicode decomposes them; without characters that have no width; without the blanks and dots at the end, which Windows
 * drops; the parts that a colon separates (`settings.json::$DATA`); and each part between backslashes.
 */
function spellings(name: string): string[] {
  if (PLAIN.test(name)) return [name.toLowerCase()];
  const folded = name
    .normalize('NFKD')
    .replace(/[\p{M}\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toUpperCase() // The upper case of ſ is S, and that of ı is I.
    .toLowerCase();
  const parts = [name.toLowerCase(), folded].flatMap((text) => text.split(/[\\/]/));
  return parts.flatMap((part) => [part, part.split(':')[0] ?? '']).flatMap((part) => [part, trimmed(part)]);
}

/** Trims without a regular expression: `[. ]+$` takes quadratic time for a name that is made for it. */
function trimmed(text: string): string {
  let end = text.length;
  while (end > 0 && (text[end - 1] === '.' || text[end - 1]?.trim() === '')) end--;
  return text.slice(0, end).trimStart();
}

/** Whether an editor acts on a file or folder of this name. */
export function isObeyedName(name: string): boolean {
  return spellings(name).some((spelling) => OBEYED_NAMES.some((obeyed) => obeyed.name.test(spelling)));
}

/** Whether an editor acts on one of the names of a path: it acts on everything in `.vscode`, regardless of the name. */
export function hasObeyedName(path: readonly string[]): boolean {
  return path.some(isObeyedName);
}
