import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Linter } from 'eslint';
import ts from 'typescript';
import tseslint from 'typescript-eslint';
import { safeSinks } from '../../scripts/lint/safeSinks.mjs';

/** The start of every snippet: an untrusted text, a safe one, and the API. */
const HEAD = `import * as vscode from 'vscode';
import type { SafeText } from './safeText';
import { documentText, joined, safe, safeText } from './safeText';
declare const text: string, ok: SafeText, maybe: boolean, anything: any;
declare const box: vscode.InputBox, item: vscode.TreeItem, view: vscode.TreeView<string>, status: vscode.StatusBarItem;
declare const progress: vscode.Progress<{ message?: string; increment?: number }>, uri: vscode.Uri;
export {};
`;

const REFUSED: Readonly<Record<string, string>> = {
  'a notification': 'void vscode.window.showErrorMessage(text);',
  'a template of them': 'void vscode.window.showInformationMessage(`${ok} ${text}`);',
  'what anything is': 'void vscode.window.showInformationMessage(anything);',
  'one of two': 'void vscode.window.showInformationMessage(maybe ? ok : text);',
  'a part of a safe text': 'void vscode.window.showInformationMessage(ok.slice(1));',
  'a function by another name': 'const { showWarningMessage: warn } = vscode.window; void warn(text);',
  'a function in a variable': 'const warn = vscode.window.showWarningMessage; void warn(text);',
  'a function chosen while it runs': 'void (maybe ? vscode.window.showWarningMessage : vscode.window.showErrorMessage)(text);',
  'a function by its name in brackets': "void vscode.window['showWarningMessage'](text);",
  'a function that takes any text from now on':
    'const warn: (text: string) => unknown = vscode.window.showWarningMessage; warn(text);',
  'a function that is handed on':
    'declare function give(warn: (text: string) => unknown): void; give(vscode.window.showWarningMessage);',
  'a function that is called by another': 'void vscode.window.showWarningMessage.call(undefined, text);',
  'a function that is bound': 'const warn = vscode.window.showWarningMessage.bind(undefined, text); void warn();',
  'a button': 'void vscode.window.showWarningMessage(ok, text);',
  'buttons of a list': 'declare const all: string[]; void vscode.window.showWarningMessage(ok, ...all);',
  'the detail of a dialog': 'void vscode.window.showWarningMessage(ok, { modal: true, detail: text });',
  'options of their own': 'const options = { modal: true, detail: text }; void vscode.window.showWarningMessage(ok, options);',
  'a prompt': 'box.prompt = text;',
  'a prompt, in brackets': "box['prompt'] = text;",
  'a property that is named while it runs': "const key: 'prompt' | 'value' = maybe ? 'prompt' : 'value'; box[key] = text;",
  'a validation message': 'box.validationMessage = { message: text, severity: vscode.InputBoxValidationSeverity.Error };',
  'what validation returns': 'void vscode.window.showInputBox({ validateInput: (typed) => typed });',
  'what validation returns later': 'void vscode.window.showInputBox({ async validateInput(typed) { return typed; } });',
  'a title by a short name': 'const title = `${text}`; void vscode.window.showInputBox({ title });',
  'options that are spread': 'const given = { prompt: text }; void vscode.window.showInputBox({ ...given, password: true });',
  'a row of a pick': 'void vscode.window.showQuickPick([{ label: text }]);',
  'rows of text': 'declare const all: string[]; void vscode.window.showQuickPick(all);',
  'rows of a type of their own':
    'const rows = [text].map((label) => ({ label, run: 1 })); void vscode.window.showQuickPick(rows);',
  'rows that come later': 'const later = async () => [{ label: text }]; void vscode.window.showQuickPick(later());',
  'rows of a pick of their own type':
    'interface Row { label: string } const pick = vscode.window.createQuickPick<Row>(); pick.items = [{ label: text }];',
  'rows that are spread':
    'const row = { label: text }; const rows: vscode.QuickPickItem[] = [{ ...row, detail: ok }]; void rows;',
  'a row that becomes one of the API':
    'interface Row { label: string } const row: Row = { label: text }; const given: vscode.QuickPickItem = row; void given;',
  'a row that is said to be one': 'const row = { label: text } ; const given = row as vscode.QuickPickItem; void given;',
  'a row that is returned': 'const row = { label: text }; function give(): vscode.QuickPickItem { return row; } void give;',
  'a row that an arrow returns': 'const give = (): vscode.QuickPickItem => ({ label: text }); void give;',
  'the label of an item': 'void new vscode.TreeItem(text);',
  'the label of an item of their own': 'class Row extends vscode.TreeItem { constructor() { super(text); } } void Row;',
  'a property of an item of their own': 'class Row extends vscode.TreeItem { override description = text; } void Row;',
  'the description of an item': 'item.description = text;',
  'the tooltip of an item': 'item.tooltip = text;',
  Markdown: 'item.tooltip = new vscode.MarkdownString(text);',
  'text that is added to Markdown': 'new vscode.MarkdownString().appendMarkdown(text);',
  'what is said of an item': 'item.accessibilityInformation = { label: text };',
  'items of a provider of their own':
    'const provider = { getTreeItem: () => ({ label: text }), getChildren: () => [] as string[] }; vscode.window.createTreeView("pins", { treeDataProvider: provider });',
  'the message of a view': 'view.message = text;',
  'two at once': 'view.description = view.message = text;',
  'the badge of a view': 'view.badge = { value: 1, tooltip: text };',
  'the status bar': 'status.text = text;',
  'a message in the status bar': 'vscode.window.setStatusBarMessage(`$(check) ${text}`, 100);',
  progress: 'progress.report({ message: text });',
  'the title of progress':
    'void vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: text }, async () => undefined);',
  'what progress tells': 'void vscode.window.withProgress({ location: 15 }, async (told) => told.report({ message: text }));',
  'an error of the file system': 'throw vscode.FileSystemError.Unavailable(text);',
  'a folder of the workspace': 'vscode.workspace.updateWorkspaceFolders(0, 0, { uri, name: text });',
  'a terminal': 'vscode.window.createTerminal({ name: text });',
  'a document': 'vscode.workspace.registerTextDocumentContentProvider("a", { provideTextDocumentContent: () => text });',
  'a channel': 'void vscode.window.createOutputChannel("Other", { log: true });',
  'a line of a channel': 'declare const log: vscode.LogOutputChannel; log.info(text);',
  'what is added to a line': 'declare const log: vscode.LogOutputChannel; log.info("ours", text);',
  'a channel that takes any text from now on':
    'declare const log: vscode.LogOutputChannel; const other: { warn(text: string): void } = log; other.warn(text);',
  'a cast': 'void (text as SafeText);',
  'a cast of what has text': 'void ({ text } as unknown as { text: SafeText });',
  'a cast in the old way': 'void (<SafeText>text);',
  'the text of a document': 'void vscode.window.showErrorMessage(documentText(text));',
  'the text of a document, as a row': 'void vscode.window.showQuickPick([{ label: documentText(text) }]);',
  'a template that is joined': "item.description = joined([`a ${text}` as const], ' ');",
  'a word that JSON is said to have':
    "const { kind } = JSON.parse(text) as { kind: 'file' | 'folder' }; void vscode.window.showErrorMessage(kind);",
  'a word that it is said to be': "void vscode.window.showErrorMessage(joined([text as 'x'], ' '));",
  'a word, by way of unknown': "void vscode.window.showErrorMessage(text as unknown as 'x');",
  'a list of words that it is said to be': "const words = anything as readonly ('a' | 'b')[]; void words;",
  'words by name that they are said to be': "const words = JSON.parse(text) as Record<string, 'a' | 'b'>; void words;",
  'a word that is said to come': "const later = fetch('').then((answer) => answer.json()) as Promise<{ kind: 'a' }>; void later;",
  'a function that is said to give one': "const read = JSON.parse as (text: string) => { kind: 'a' }; void read;",
  'a word that never is': 'void vscode.window.showErrorMessage(text as never);',
  'an object of words that is written to': "declare const row: { kind: 'a' | 'b' }; Object.assign(row, JSON.parse(text));",
  'an object of safe text that is written to': 'declare const row: { label: SafeText }; Object.assign(row, { label: text });',
  'a template that is kept as it is': 'const kept = `a ${text}` as const; void vscode.window.showErrorMessage(kept);',
  'a text in capitals': 'declare const kept: Uppercase<string>; void vscode.window.showErrorMessage(kept);',
  'a word, by a predicate': "const isKind = (given: string): given is 'file' | 'folder' => given.length < 7; void isKind;",
  'a word, by an assertion': "function check(given: unknown): asserts given is { kind: 'file' } { void given; } void check;",
  'a word that a setting is said to be':
    "const kind = vscode.workspace.getConfiguration('a').get<'one' | 'two'>('b'); void kind;",
  'a word that a setting is expected to be':
    "const kind: 'one' | 'two' | undefined = vscode.workspace.getConfiguration('a').get('b'); void kind;",
  'options that JSON is said to be': 'const options = JSON.parse(text) as vscode.InputBoxOptions; void options;',
  'the title of a command': "void vscode.commands.executeCommand('vscode.diff', uri, uri, text);",
  'the label of an editor': "void vscode.commands.executeCommand('vscode.openWith', uri, 'default', { preview: true }, text);",
  'arguments of a command that are spread':
    "declare const all: [string]; void vscode.commands.executeCommand('vscode.open', uri, {}, ...all);",
  'a command': 'void vscode.commands.executeCommand(text, text);',
  'the command of an item': 'item.command = { command: text, title: "ours" };',
  'a command whose errors are drawn': 'vscode.commands.registerCommand("a", () => { throw new Error(text); });',
  'a registrar by another name': 'const { registerCommand: on } = vscode.commands; on("a", () => { throw new Error(text); });',
  'a registrar by its name in brackets': "void vscode.commands['registerCommand'];",
  'a terminal of their own':
    'const out = new vscode.EventEmitter<string>(); const pty: vscode.Pseudoterminal = { onDidWrite: out.event, open() { out.fire(text); }, close() {} }; void pty;',
  'Markdown that runs commands': 'const drawn = new vscode.MarkdownString(); drawn.isTrusted = true; void drawn;',
  'a page': "vscode.window.createWebviewPanel('a', 'ours', 1).webview.html = text;",
  'properties that are assigned': 'Object.assign(item, { description: text });',
  'a property that is defined': "Object.defineProperty(item, 'description', { value: text });",
  'a property that is set': "Reflect.set(item, 'description', text);",
  'a property of a type that is not known':
    "function set<T, K extends keyof T>(on: T, key: K, to: T[K]): void { on[key] = to; } set(status, 'text', text);",
  'an element of an assignment': '[status.text] = [text];',
  'a property of an assignment': 'declare const given: { message: string }; ({ message: view.message } = given);',
  'the rest of an assignment': 'declare const given: { a: string }; ({ a: status.text = "ours" } = given);',
  'each of a loop': 'for (status.text of [text]) void 0;',
  'options that are a record': 'declare const given: Record<string, string>; void vscode.window.showInputBox(given);',
  'a record that is spread': 'declare const given: Record<string, string>; void vscode.window.showInputBox({ ...given });',
  'options of entries': "void vscode.window.showInputBox(Object.fromEntries([['prompt', text]]));",
  'rows that are pushed':
    'declare const rows: { label: string }[]; const found: vscode.QuickPickItem[] = []; found.push(...rows);',
  'rows that are yielded':
    'function* rows(): Generator<vscode.QuickPickItem> { const row = { label: text }; yield row; } void rows;',
  'rows that are yielded elsewhere':
    'declare function rows(): Generator<{ label: string }>; const found: Iterable<vscode.QuickPickItem> = rows(); void found;',
  'rows by name':
    'declare const rows: Map<string, { label: string }>; const found: ReadonlyMap<string, vscode.QuickPickItem> = rows; void found;',
  'a function in a field':
    'interface Ui { showErrorMessage(text: string): unknown } class Own { private readonly ui: Ui = vscode.window; say() { this.ui.showErrorMessage(text); } } void Own;',
  'a function in an object of ours':
    'const ui = { show: vscode.window.showErrorMessage }; const given: { show(text: string): unknown } = ui; given.show(text);',
  'a function in a class of ours':
    'class Own implements Record<"show", (text: string) => unknown> { show = vscode.window.showErrorMessage; } void Own;',
  'rows within an object of ours':
    'declare const page: { rows: { label: string }[] }; const given: { rows: vscode.QuickPickItem[] } = page; void given;',
  'rows that a function gives':
    'declare const rows: () => { label: string }[]; const given: () => Promise<vscode.QuickPickItem[]> | vscode.QuickPickItem[] = rows; void given;',
  'a function by default':
    'function say(show: (text: string) => unknown = vscode.window.showErrorMessage): void { show(text); } void say;',
  'a function by default, of several':
    'function say({ show = vscode.window.showErrorMessage }: { show?: (text: string) => unknown }): void { show(text); } void say;',
  'a parameter that is a property of an item':
    "class Row extends vscode.TreeItem { constructor(override readonly description: string) { super('ours'); } } void Row;",
  'a property of an item that is set later':
    "class Row extends vscode.TreeItem { override description: string; constructor() { super('ours'); this.description = text; } } void Row;",
  'a property of an item that is computed':
    'class Row implements vscode.QuickPickItem { get label() { return text; } } void Row;',
  'a template that is none': 'void vscode.window.showErrorMessage(safe(Object.assign([text], { raw: [text] })));',
  'a template that is called by another': 'void safe.call(undefined, Object.assign([text], { raw: [text] }));',
  'a function, by way of unknown':
    'const warn = vscode.window.showWarningMessage as unknown as (text: string) => unknown; warn(text);',
  'a predicate': 'const isSafe = (given: string): given is SafeText => given !== ""; void isSafe;',
};

const ACCEPTED: Readonly<Record<string, string>> = {
  'safe text': 'void vscode.window.showErrorMessage(ok);',
  'a template that is safe': 'void vscode.window.showErrorMessage(safe`Saved ${text}.`);',
  'words of ours': "void vscode.window.showErrorMessage('ours', { modal: true, detail: maybe ? 'one' : 'other' }, 'Yes');",
  'a constant of ours': "const title = 'ours'; void vscode.window.showInputBox({ title, prompt: undefined });",
  'buttons that are written out': "void vscode.window.showWarningMessage(ok, ...(maybe ? (['Yes'] as const) : []));",
  'rows that are written out': "void vscode.window.showQuickPick([{ label: 'one', what: text }, { label: ok, what: text }]);",
  'rows that are safe':
    'const rows = [text].map((each) => ({ label: safeText(each), run: each })); void vscode.window.showQuickPick(rows);',
  'rows of the API': 'declare const rows: vscode.QuickPickItem[]; void vscode.window.showQuickPick(rows);',
  validation:
    "void vscode.window.showInputBox({ value: text, validateInput: (typed) => (typed === '' ? safe`Empty` : undefined) });",
  'parts that are joined': "item.description = joined([ok, maybe ? 'ours' : undefined], ' · ');",
  'what is no text':
    'item.id = text; item.contextValue = text; item.command = { command: "ipfsKit.openPin", title: "Open", arguments: [text] };',
  data: 'void vscode.env.clipboard.writeText(text); void vscode.Uri.parse(text); void vscode.commands.executeCommand("setContext", text, text);',
  'progress that is written out': "progress.report({ message: 'ours', increment: 1 }); progress.report({ message: ok });",
  'the text of a document where one is asked for':
    "vscode.workspace.registerTextDocumentContentProvider('a', { provideTextDocumentContent: () => (maybe ? documentText(text) : ok) });",
  'the text of a document later':
    "vscode.workspace.registerTextDocumentContentProvider('a', { async provideTextDocumentContent() { return documentText(text); } });",
  'commands of ours, and those that draw nothing':
    "void vscode.commands.executeCommand(maybe ? 'ipfsKit.openPin' : 'workbench.trust.manage'); void vscode.commands.executeCommand('vscode.openWith', uri, text, {});",
  'one of several that is told by its kind':
    "type One = { kind: 'a'; text: string } | { kind: 'b' }; const isA = (one: One): one is One & { kind: 'a' } => one.kind === 'a'; void isA;",
  'one word of several': "declare const word: 'a' | 'b'; void vscode.window.showErrorMessage(word as 'a');",
  'an object of ours':
    "Object.assign({ name: 'a' }, { name: text }); const all: string[] = []; all.push(...[text]); [all[0]] = [text];",
  'an item of their own whose properties are safe':
    "class Row extends vscode.TreeItem { constructor(override readonly description: SafeText) { super('ours'); } } void Row;",
  'what is edited': 'box.value = text; const pick = vscode.window.createQuickPick(); pick.value = text;',
  'what a task gives': 'void vscode.window.withProgress({ location: 15 }, async () => text);',
};

const ROOT = process.cwd();
const nameOf = (kind: string, at: number): string => path.join(ROOT, 'src/base', `${kind}${at}.ts`);

/** Lints all snippets in one program, with the real declarations of the API and of src/base/safeText.ts. */
function lintAll(snippets: ReadonlyMap<string, string>): (file: string) => string[] {
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file)) as {
    config: { compilerOptions: object };
  };
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, noUnusedLocals: false, noUnusedParameters: false },
    ROOT,
  );
  const host = ts.createCompilerHost(options, true);
  host.readFile = (file) => snippets.get(path.normalize(file)) ?? ts.sys.readFile(file);
  host.fileExists = (file) => snippets.has(path.normalize(file)) || ts.sys.fileExists(file);
  const program = ts.createProgram([...snippets.keys()], options, host);
  const linter = new Linter({ cwd: ROOT });
  return (file) =>
    linter
      .verify(
        snippets.get(file) ?? '',
        [
          {
            files: ['**/*.ts'],
            languageOptions: { parser: tseslint.parser, parserOptions: { programs: [program] } },
            plugins: { house: { rules: { 'safe-sinks': safeSinks } } },
            rules: { 'house/safe-sinks': 'error' },
          },
        ],
        { filename: file },
      )
      .map(({ ruleId, message }) => `${ruleId ?? 'not read'}: ${message}`);
}

describe('the lint rule for what VS Code draws', () => {
  const sources = [
    ...Object.values(REFUSED).map((code, at) => [nameOf('refused', at), HEAD + code] as const),
    ...Object.values(ACCEPTED).map((code, at) => [nameOf('accepted', at), HEAD + code] as const),
  ];
  const lint = lintAll(new Map(sources));

  for (const [at, what] of Object.keys(REFUSED).entries())
    it(`refuses text of others as ${what}`, () => {
      const found = lint(nameOf('refused', at));
      assert.ok(found.length > 0 && found.every((each) => each.startsWith('house/safe-sinks')), found.join('\n'));
    });

  for (const [at, what] of Object.keys(ACCEPTED).entries())
    it(`accepts ${what}`, () => assert.deepEqual(lint(nameOf('accepted', at)), []));
});
