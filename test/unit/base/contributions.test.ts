import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { CHOICE_KINDS, CHOICES, choiceCommands } from '../../../src/base/choices';
import { COMMAND, CONTEXT, EXTENSION_ID, OLD_NAME, SETTING, VIEW } from '../../../src/base/contributions';
import {
  DAEMON_PATTERNS,
  DEFAULT_DAEMON_URLS,
  DEFAULT_DATABASE_PATH,
  DEFAULT_HISTORY,
  DEFAULT_KUBO_COMMAND,
  DEFAULT_PID_FILE,
  DEFAULT_PYTHON,
  DEFAULT_SHARE_GATEWAY,
  DEFAULT_KUBO_IDLE_SECONDS,
  DEFAULT_STOP_SECONDS,
} from '../../../src/base/settingDefaults';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createDaemonMonitor } from '../../../src/daemonClient/ipfsKit/monitor';
import type { PinSource } from '../../../src/pinSource/pinSource';
import { createSources, SOURCE_KINDS } from '../../../src/pinSource/sourceKinds';
import { factOf } from '../../../src/pinTree/list/knownFacts';
import { sourceContext } from '../../../src/pinTree/text/sourceText';
import { INERT_VIEWERS, TEXT_EDITOR } from '../../../src/vfs/editor/inertViewers';
import { sourceParts } from '../../support/sourceParts';

interface Manifest {
  readonly name: string;
  readonly publisher: string;
  readonly repository: { readonly url: string };
  readonly homepage: string;
  readonly bugs: { readonly url: string };
  readonly activationEvents: readonly string[];
  readonly capabilities: { readonly untrustedWorkspaces: { readonly restrictedConfigurations: readonly string[] } };
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
      readonly enablement?: string;
    }[];
    readonly views: Record<string, readonly { readonly id: string }[]>;
    readonly submenus: readonly { readonly id: string }[];
    readonly keybindings: readonly {
      readonly command: string;
      readonly key: string;
      readonly when: string;
      readonly args?: unknown;
    }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>> & {
      readonly 'issue/reporter': readonly MenuItem[];
      readonly commandPalette: readonly MenuItem[];
      readonly 'view/title': readonly MenuItem[];
      readonly 'view/item/context': readonly MenuItem[];
    };
    readonly configurationDefaults: Readonly<Record<string, unknown>>;
    readonly viewsWelcome: readonly { readonly when: string; readonly contents: string }[];
    readonly configuration: readonly {
      readonly title: string;
      readonly order: number;
      readonly properties: Readonly<Record<string, Setting>>;
    }[];
  };
}

/** Of a command, or of a submenu. */
interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
  readonly group?: string;
}

interface Setting {
  readonly default: unknown;
  readonly items?: { readonly enum?: readonly string[] };
  readonly scope: string;
  readonly order: number;
  readonly markdownDeprecationMessage?: string;
  readonly description?: string;
  readonly markdownDescription?: string;
}

const read = (file: string): string => readFileSync(path.join(process.cwd(), file), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const { contributes } = manifest;
const blocks = contributes.configuration;
const listedSettings = blocks.flatMap(({ properties }) => Object.entries(properties));
const settings = Object.fromEntries(listedSettings);
const { section, ...names } = SETTING;
const monitor = createDaemonMonitor({ urls: () => [] });
/** The sources of these kinds, by default of all, where everything is set. */
const everySource = (wanted?: readonly string[]): readonly PinSource[] =>
  createSources(
    sourceParts({
      ...{ monitor, isRepositorySet: () => true },
      set: () => ({ wanted, clusterUrl: 'x', services: [{ name: 's', url: 'x' }] }),
    }),
  )();
const settingNames = [...Object.values(names), ...Object.values(OLD_NAME)].map((name) => `${section}.${name}`);
const choices = CHOICE_KINDS.flatMap((kind) =>
  CHOICES[kind].map((choice) => ({ kind, choice, commands: choiceCommands(kind, choice) })),
);

describe('the manifest', () => {
  it('sends issues to its repository, with the command that adds the diagnostics', () => {
    const repository = manifest.repository.url.replace(/\.git$/, '');
    assert.deepEqual([manifest.homepage, manifest.bugs.url], [`${repository}#readme`, `${repository}/issues`]);
    assert.deepEqual(contributes.menus['issue/reporter'], [{ command: COMMAND.reportIssue }]);
  });

  it('declares the commands that the code registers, all in one category', () => {
    const all = [...Object.values(COMMAND), ...choices.flatMap(({ commands }) => commands)];
    assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), all.sort());
    for (const { command, category } of contributes.commands) assert.equal(category, 'IPFS Kit', command);
  });

  it('grays out an order and groups that no source in the view can give', () => {
    for (const { kind, choice, commands } of choices.filter(({ kind: of }) => of !== 'status'))
      for (const id of commands) {
        const fact = factOf(choice.key);
        const enablement = contributes.commands.find(({ command }) => command === id)?.enablement;
        assert.equal(enablement, fact && `${CONTEXT.facts} =~ /\\b${fact}\\b/`, `${kind} ${id}`);
      }
  });

  it('declares the view, and the id under which the extension is known', () => {
    assert.deepEqual(
      contributes.views[VIEW.container]?.map(({ id }) => id),
      [VIEW.pins],
    );
    assert.equal(`${manifest.publisher}.${manifest.name}`, EXTENSION_ID);
  });

  it('has the Explorer open content in the editors in which its rows open it', () => {
    // VS Code uses the longest matching pattern, so this one must be longer than those that people write for their files.
    const anyFile = `ipfs:/**/{${Array.from({ length: 40 }, () => '*').join(',')}}`;
    const viewers = Object.entries(INERT_VIEWERS).map(
      ([viewer, endings]) => [`${anyFile}.{${endings.join(',')}}`, viewer] as const,
    );
    assert.deepEqual(contributes.configurationDefaults['workbench.editorAssociations'], {
      [anyFile]: TEXT_EDITOR,
      ...Object.fromEntries(viewers),
    });
  });

  it('declares the settings that the code reads, with the same defaults', () => {
    assert.deepEqual(Object.keys(settings).sort(), settingNames.sort());
    assert.deepEqual(Object.fromEntries(Object.entries(settings).map(([name, { default: value }]) => [name, value])), {
      'ipfsKit.daemon.urls': DEFAULT_DAEMON_URLS,
      'ipfsKit.daemon.command': [],
      'ipfsKit.daemon.scriptNames': DAEMON_PATTERNS.scriptNames,
      'ipfsKit.daemon.moduleNames': DAEMON_PATTERNS.moduleNames,
      'ipfsKit.daemon.commandNames': DAEMON_PATTERNS.commandNames,
      'ipfsKit.daemon.pidFile': DEFAULT_PID_FILE,
      'ipfsKit.stop.gracefulTimeout': DEFAULT_STOP_SECONDS,
      'ipfsKit.stop.termTimeout': DEFAULT_STOP_SECONDS,
      'ipfsKit.stop.kuboIdleTimeout': DEFAULT_KUBO_IDLE_SECONDS,
      'ipfsKit.stop.allowedExtensions': [],
      'ipfsKit.database.path': DEFAULT_DATABASE_PATH,
      'ipfsKit.python.path': DEFAULT_PYTHON,
      'ipfsKit.database.sampleWhenMissing': false,
      'ipfsKit.statusBar.show': 'always',
      'ipfsKit.autoRefresh': true,
      'ipfsKit.history': DEFAULT_HISTORY,
      'ipfsKit.kubo.repository': '',
      'ipfsKit.content.repository': '',
      'ipfsKit.content.gateways': [],
      'ipfsKit.content.browserGateway': '',
      'ipfsKit.content.shareGateway': DEFAULT_SHARE_GATEWAY,
      'ipfsKit.sources': SOURCE_KINDS.map(({ id }) => id),
      'ipfsKit.kubo.url': '',
      'ipfsKit.kubo.indirectPins': false,
      'ipfsKit.kubo.command': DEFAULT_KUBO_COMMAND,
      'ipfsKit.cluster.url': '',
      'ipfsKit.pinningServices': [],
      'ipfsKit.tls.certificates': {},
    });
    assert.deepEqual(settings['ipfsKit.sources']?.items?.enum, settings['ipfsKit.sources']?.default);
  });

  it('declares them in blocks, each setting once, in the order in which the page of settings shows them', () => {
    assert.equal(listedSettings.length, settingNames.length);
    assert.deepEqual(
      blocks.map(({ order }) => order),
      blocks.map((_, at) => at + 1),
    );
    for (const { title, properties } of blocks)
      assert.deepEqual(
        Object.values(properties).map(({ order }) => order),
        Object.keys(properties).map((_, at) => at + 1),
        title,
      );
  });

  it('marks the settings that have a new name, and names it', () => {
    const deprecated = listedSettings.flatMap(([name, { markdownDeprecationMessage: text }]) =>
      text === undefined ? [] : [[name, /#([\w.]+)#/.exec(text)?.[1]]],
    );
    const renamed = Object.entries(OLD_NAME).map(([now, old = '']) => [`${section}.${old}`, `${section}.${now}`]);
    assert.deepEqual(deprecated, renamed);
  });

  it('describes each setting, and refers only to settings that exist', () => {
    for (const [name, { description, markdownDescription }] of listedSettings) {
      assert.match(markdownDescription ?? description ?? '', /\.$/, name);
      for (const [, other] of (markdownDescription ?? '').matchAll(/#([\w.]+)#/g))
        assert.ok(other !== undefined && other !== name && other in settings, `${name} refers to ${other}`);
    }
  });

  it('prevents a workspace from choosing which host is asked, which file is read, or what is started and stopped', () => {
    const harmless = ['ipfsKit.statusBar.show']; // these only change what the editor shows
    const others = listedSettings.filter(([name]) => !harmless.includes(name));
    for (const [name, { scope }] of others) assert.equal(scope, 'machine', name);
    assert.deepEqual(
      [...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(),
      others.map(([name]) => name).sort(),
    );
  });

  it('offers nothing in an untrusted workspace that starts, stops or changes something', () => {
    const changing =
      /\.(?:start|stop(?!Listing)|restart|initialise|pinCid|unpin(?:Entry)?\b|rename|recover|connectTo|chooseKubo|removeFrom|copyInto|newFolder|move)/;
    for (const { command, enablement } of contributes.commands)
      assert.equal(enablement === 'isWorkspaceTrusted', changing.test(command), command);
  });

  it('activates by a command, the view, or content that a window shows again', () =>
    assert.deepEqual(manifest.activationEvents, ['onFileSystem:ipfs']));

  it('links only commands that it declares in its welcome texts', () => {
    for (const { contents } of contributes.viewsWelcome)
      for (const [, command] of contents.matchAll(/\(command:([\w.]+)\)/g))
        assert.ok(
          contributes.commands.some((declared) => declared.command === command),
          command,
        );
  });

  it('offers one button in each welcome text, and everything else in one line of links', () => {
    for (const { contents } of contributes.viewsWelcome) {
      const links = contents.split('\n').map((line) => line.split('](command:').length - 1);
      // VS Code draws a line that consists of one link as a button.
      assert.ok(links.filter((count) => count === 1).length <= 1, contents);
      assert.ok(links.filter((count) => count > 1).length <= 1, contents);
    }
  });

  it('has one welcome text for every reason that a list can fail for, of every source', () => {
    const source = read('src/base/ipfsKitError.ts');
    const union = source.slice(source.indexOf('export type Reason'));
    const reasons = [...union.slice(0, union.indexOf(';')).matchAll(/'([a-z-]+)'/g)].map(([, reason]) => reason ?? '');
    assert.ok(reasons.length > 15);
    const others = everySource()
      .filter(({ welcome }) => welcome !== '')
      .flatMap(({ welcome }) => reasons.map((reason) => `${welcome} ${reason}`));
    assert.ok(others.length >= 3 * reasons.length);
    const shownFor = (view: string): number =>
      contributes.viewsWelcome.filter(({ when }) => {
        const [, is, matches] = /^ipfsKit\.view (?:== '?([^']+)'?|=~ \/(.*)\/)$/.exec(when) ?? [];
        return is === view || (matches !== undefined && new RegExp(matches).test(view));
      }).length;
    for (const view of [...reasons, ...others]) assert.equal(shownFor(view), 1, view);
  });
});

/** Context keys with their values. */
type Context = Readonly<Record<string, string | boolean>>;

/** Whether a `when` clause holds: terms joined by `&&`, and these by `||`. */
function holds(when: string | undefined, context: Context): boolean {
  const isTrue = (term: string): boolean => {
    const [, key = '', operator, wanted = ''] = /^(\S+) (==|!=|=~) (.+)$/.exec(term) ?? [];
    const value = String(context[key] ?? '');
    if (operator === '=~') return new RegExp(wanted.slice(1, -1)).test(value);
    if (operator !== undefined) return (value === wanted) === (operator === '==');
    return term.startsWith('!') ? !context[term.slice(1)] : Boolean(context[term]);
  };
  return when === undefined || when.split(' || ').some((all) => all.split(' && ').every(isTrue));
}

/** The names of the entries that a menu shows, in order, with a bar between groups. The inline ones come first, each with an exclamation mark. */
function shownIn(menu: string, context: Context): readonly string[] {
  const entries = (contributes.menus[menu] ?? [])
    .filter(({ when }) => holds(when, { view: VIEW.pins, ...context }))
    .map(({ command, submenu = '', group = '' }) => {
      const [, of = '', at = ''] = /^(\w+)@(\d+)$/.exec(group) ?? [];
      const isInline = of === 'inline' || of === 'navigation';
      return {
        name: `${(command ?? submenu).replace('ipfsKit.', '')}${isInline ? '!' : ''}`,
        of: isInline ? '' : of,
        at: Number(at),
      };
    })
    .sort((a, b) => (a.of < b.of ? -1 : a.of > b.of ? 1 : a.at - b.at));
  return entries.flatMap(({ name, of }, at) => (at > 0 && of !== entries[at - 1]?.of ? ['|', name] : [name]));
}

describe('the menus of the view', () => {
  const at = (kind: string, reason?: Reason): string =>
    everySource([kind])
      .map((source) => sourceContext(source, reason && new IpfsKitError(reason, '')))
      .join(' ');
  const list = (...status: string[]): readonly string[] => [
    '|',
    'sort',
    'group',
    ...status,
    '|',
    'openCid',
    'exportPins',
    'showChanges',
  ];
  const help = ['|', 'showLog', 'copyDiagnostics', 'openSettings'];
  const finding = ['findPin!', 'filterPins!', 'refreshPins!'];
  const offeredIn = (view: string, ...words: string[]): readonly string[] =>
    shownIn('view/title', { [CONTEXT.view]: view, [CONTEXT.sources]: words.join(' ') });
  const offered = (...words: string[]): readonly string[] => offeredIn('listed', ...words);
  const onRow = (word: string, several = false): readonly string[] =>
    shownIn('view/item/context', { viewItem: word, listMultiSelection: several, [CONTEXT.content]: true });
  const daemon = ['|', 'startDaemon', 'stopDaemon', 'restartDaemon', 'showDaemonProcesses', '|', 'choosePinDatabase'];
  const stopped = daemon.filter((name) => name !== 'restartDaemon');
  const connect = ['|', 'connectTo'];

  it('offer what the sources in the view can do, and nothing else', async () => {
    const unasked = [...finding, ...list('status'), ...daemon.filter((name) => name !== 'startDaemon'), ...connect, ...help];
    assert.deepEqual(offered(at('ipfs_kit_py')), unasked, 'nothing is known of its daemon yet');
    assert.equal((await monitor.check('asked')).state, 'absent');
    const startable = (start: string): readonly string[] => [...finding.slice(0, -1), start, ...finding.slice(-1)];
    const ofIpfsKit = [...startable('startDaemon!'), ...list('status'), ...stopped, ...connect, ...help];
    assert.deepEqual(offered(at('ipfs_kit_py')), ofIpfsKit);
    assert.deepEqual(offered(at('ipfs_kit_py', 'missing')), ofIpfsKit);
    assert.deepEqual(offered(at('kubo')), ['add!', ...finding, ...list(), '|', 'stopKubo', 'setToken', ...connect, ...help]);
    assert.deepEqual(offered(at('kubo', 'cancelled')), [
      'add!',
      ...finding,
      ...list(),
      '|',
      'stopKubo',
      'setToken',
      ...connect,
      ...help,
    ]);
    assert.deepEqual(offered(at('kubo', 'refused')), [
      ...startable('startKubo!'),
      ...list(),
      '|',
      'startKubo',
      'setToken',
      ...connect,
      ...help,
    ]);
    for (const source of [at('cluster', 'needs-token'), at('services')])
      assert.deepEqual(offered(source), [...finding, ...list('status'), '|', 'setToken', ...connect, ...help]);
    const several = offered(at('ipfs_kit_py', 'refused'), at('kubo', 'foreign'), at('cluster'));
    assert.deepEqual(several, [
      'add!',
      ...startable('startDaemon!'),
      ...list('status'),
      '|',
      'setToken',
      ...stopped,
      ...connect,
      ...help,
    ]);
    assert.deepEqual(shownIn('ipfsKit.add', { [CONTEXT.sources]: at('kubo') }), ['pinCid']);
  });

  it('offer nothing for rows, and no second button of a welcome text, where there are no rows', () => {
    const refused = ['refreshPins!', '|', 'openCid', '|', 'startKubo', 'setToken', ...connect, ...help];
    assert.deepEqual(offeredIn('kubo refused', at('kubo', 'refused')), refused);
    assert.deepEqual(offeredIn('missing', at('ipfs_kit_py', 'missing')), [
      'refreshPins!',
      '|',
      'openCid',
      ...stopped,
      ...connect,
      ...help,
    ]);
    assert.deepEqual(offeredIn('none-match', at('kubo')).slice(0, 6), ['add!', ...finding, '|', 'sort']);
  });

  it('offer on the row of a source what that source can do', () => {
    assert.deepEqual(onRow(`source:${at('ipfs_kit_py')}`), ['exportPins', 'showChanges']);
    assert.deepEqual(onRow(`source:${at('kubo')}`), [
      'pinCid!',
      '|',
      'pinCid',
      '|',
      'setToken',
      'stopKubo',
      '|',
      'exportPins',
      'showChanges',
    ]);
    assert.deepEqual(onRow(`source:${at('kubo', 'refused')}`), ['startKubo!', '|', 'startKubo', 'setToken']);
    assert.deepEqual(onRow(`source:${at('files')}`), [
      'newFolder!',
      '|',
      ...['newFolder', 'copyIntoFiles', '|', 'setToken', 'stopKubo', '|', 'exportPins', 'showChanges'],
    ]);
    assert.deepEqual(onRow(`source:${at('cluster')}`), [
      'pinCid!',
      '|',
      'pinCid',
      '|',
      'setToken',
      '|',
      'exportPins',
      'showChanges',
    ]);
    assert.deepEqual(onRow(`source:${at('services', 'needs-token')}`), ['setToken!', '|', 'setToken']);
  });

  it('offer on the row of a pin or of content what it takes, in the order in which people use it, unpinning last', () => {
    const opening = ['openPin', 'openToSide', 'openInBrowser'];
    const copying = ['|', 'copyShareLink', 'copyCid', 'copyAs'];
    const details = ['|', 'showPinDetails', 'exportPins'];
    const all = ['copyShareLink!', '|', ...opening, ...copying, '|', 'saveContent'];
    assert.deepEqual(onRow('pin:file:unpin:rename:verify'), [...all, '|', 'renamePin', 'verifyPin', ...details, '|', 'unpin']);
    assert.deepEqual(onRow('pin'), [...all, ...details]);
    const ofFolder = all.filter((name) => name !== 'openToSide');
    assert.deepEqual(onRow('pin:folder'), [...ofFolder, 'addToWorkspace', ...details]);
    assert.deepEqual(onRow('content:folder'), [...ofFolder, 'addToWorkspace']);
    const [link = '', ...others] = ofFolder;
    assert.deepEqual(onRow('opened:folder'), [link, 'closeOpened!', ...others, 'addToWorkspace', '|', 'closeOpened']);
    for (const kind of ['content', 'content:file', 'content:link']) assert.deepEqual(onRow(kind), all, kind);
    assert.deepEqual(onRow('pin:file:item:entry'), [
      ...[...all, '|', 'renameEntry', 'moveEntry'],
      ...[...details, '|', 'removeFromFiles'],
    ]);
    assert.deepEqual(onRow('content:folder:entry'), [
      ...[...ofFolder, 'addToWorkspace', '|', 'newFolder', 'renameEntry', 'moveEntry'],
      ...['|', 'removeFromFiles'],
    ]);
    const ofFiles = { [CONTEXT.sources]: [at('kubo'), at('files')].join(' '), [CONTEXT.content]: true };
    for (const [word, added] of [
      ['pin:file', ['copyIntoFiles']],
      ['content:file', ['copyIntoFiles']],
      ['pin:file:item:entry', ['pinCid', 'unpinEntry', 'copyIntoFiles', 'renameEntry', 'moveEntry']],
      ['content:file:entry', ['pinCid', 'unpinEntry', 'copyIntoFiles', 'renameEntry', 'moveEntry']],
    ] as const) {
      const shown = shownIn('view/item/context', { viewItem: word, ...ofFiles });
      const after = shown.indexOf('saveContent') + 2;
      assert.deepEqual(shown.slice(after, after + added.length), added, word);
    }
    const several = (word: string): readonly string[] =>
      shownIn('view/item/context', { viewItem: word, listMultiSelection: true, ...ofFiles });
    assert.ok(several('pin:file').includes('copyIntoFiles'));
    assert.ok(!several('content:file').includes('copyIntoFiles'));
    assert.deepEqual(shownIn('ipfsKit.add', ofFiles), ['pinCid', 'copyIntoFiles', '|', 'newFolder']);
    assert.deepEqual(shownIn('ipfsKit.copyAs', {}), [
      'copyName',
      'copyIpfsPath',
      'copyGatewayUrl',
      '|',
      'copyCidV0',
      'copyCidV1',
    ]);
  });

  it('offer to recover only what has failed', () => {
    assert.ok(!onRow('pin:file:unpin:recover').includes('recoverPin'));
    assert.deepEqual(onRow('pin:file:failed:unpin:recover').slice(0, 2), ['recoverPin!', 'copyShareLink!']);
    assert.ok(onRow('pin:file:failed:unpin:recover').includes('recoverPin'));
  });

  it('offer for several rows only what takes several', () => {
    assert.deepEqual(onRow('pin:folder:failed:unpin:rename:verify:recover', true), [
      ...['recoverPin!', 'copyShareLink!', '|', 'copyShareLink', 'copyCid', 'copyAs', '|', 'verifyPin', 'recoverPin'],
      ...['|', 'showPinDetails', 'exportPins', '|', 'unpin'],
    ]);
    const ofSeveral = onRow('pin:folder:item:entry', true);
    assert.deepEqual(ofSeveral.slice(ofSeveral.indexOf('copyAs') + 2), [
      ...['moveEntry', '|', 'showPinDetails', 'exportPins', '|', 'removeFromFiles'],
    ]);
  });

  it('offer nothing on the other rows', () => {
    for (const word of ['group', 'peers', 'peer', 'more', 'problem', 'empty', 'pinned:unpin', 'contents'])
      assert.deepEqual(onRow(word), [], word);
  });

  it('have every choice of order, groups and status once, with a check mark where it is on', () => {
    const title = (name: string): string | undefined =>
      contributes.commands.find(({ command }) => command === `ipfsKit.${name}`)?.title;
    for (const { kind, choice } of choices)
      assert.deepEqual(
        shownIn(`ipfsKit.${kind}`, { [CONTEXT[kind]]: choice.id })
          .filter((name) => name !== '|')
          .map(title),
        CHOICES[kind].map(({ id, label }) => (id === choice.id ? `✓ ${label}` : label)),
      );
    assert.equal(new Set(choices.flatMap(({ commands }) => commands)).size, 2 * choices.length);
  });

  it('refer only to submenus that are declared', () => {
    const used = Object.values(contributes.menus).flatMap((entries) => entries.flatMap(({ submenu }) => submenu ?? []));
    assert.deepEqual(used.sort(), contributes.submenus.map(({ id }) => id).sort());
    for (const submenu of used) assert.ok((contributes.menus[submenu] ?? []).length > 0, submenu);
  });

  it('name no source', () => {
    const whens = [...contributes.menus['view/title'], ...contributes.menus['view/item/context']].map(({ when = '' }) => when);
    for (const when of whens) assert.doesNotMatch(when, /ipfs_kit_py|\b(?:kubo|cluster|service)\b/);
  });
});

describe('the Command Palette', () => {
  const offered = (context: Context): readonly string[] => {
    const limited = new Map(contributes.menus.commandPalette.map(({ command, when }) => [command, when]));
    return contributes.commands
      .map(({ command }) => command)
      .filter((command) => holds(limited.get(command), context))
      .map((command) => command.replace('ipfsKit.', ''));
  };
  const offeredWith = (...kinds: readonly string[]): readonly string[] => {
    const words = everySource(kinds).map((source) => sourceContext(source, undefined));
    return offered({ [CONTEXT.view]: 'listed', [CONTEXT.sources]: words.join(' ') });
  };

  it('offers before the first list what makes sense without one', () => {
    const early = offered({});
    for (const name of ['listPins', 'findPin', 'openCid', 'startKubo', 'startDaemon', 'stopDaemon', 'openSettings', 'showLog'])
      assert.ok(early.includes(name), name);
    for (const name of ['pinCid', 'unpin', 'copyCid', 'filterPins', 'clearFilter', 'stopListing', 'openRow', 'sort.name'])
      assert.ok(!early.includes(name), name);
  });

  it('hides the commands of sources that are not in the view', () => {
    const own: Readonly<Record<string, readonly string[]>> = {
      ipfs_kit_py: ['startDaemon', 'stopDaemon', 'showDaemonProcesses', 'choosePinDatabase', 'showStopReceipt'],
      kubo: ['pinCid', 'unpin', 'renamePin', 'verifyPin', 'stopKubo', 'setToken'],
      cluster: ['pinCid', 'unpin', 'recoverPin', 'setToken', 'filterByStatus'],
      services: ['setToken', 'filterByStatus'],
    };
    const all = new Set(Object.values(own).flat());
    for (const [kind, names] of Object.entries(own)) {
      const more = kind === 'ipfs_kit_py' ? ['filterByStatus'] : [];
      assert.deepEqual(
        offeredWith(kind)
          .filter((name) => all.has(name))
          .sort(),
        [...names, ...more].sort(),
        kind,
      );
    }
  });
});

describe('the keys', () => {
  it('work only in the focused view, never while text is entered, and act on the focused row', () => {
    const row = { $treeViewId: VIEW.pins, $focusedTreeItem: true };
    for (const { command, key, when, args } of contributes.keybindings) {
      assert.match(when, /(?:^|&& )focusedView == ipfsKit\.pins && (?:listFocus && )?!inputFocus/, key);
      assert.deepEqual(args, command === COMMAND.filterPins ? undefined : row, key);
    }
  });

  it('are listed in the README', () => {
    for (const { key } of contributes.keybindings.filter(({ when }) => !when.includes('isMac'))) {
      const shown = key.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
      assert.ok(read('README.md').includes(shown), shown);
    }
  });
});

describe('the page of settings', () => {
  const isCurrent = ([, { markdownDeprecationMessage }]: readonly [string, Setting]): boolean =>
    markdownDeprecationMessage === undefined;

  it('lists every setting with its default', () => {
    const page = read('docs/settings.md');
    for (const [name, { default: value }] of Object.entries(settings).filter(isCurrent))
      assert.ok(page.includes(`| \`${name}\` | \`${JSON.stringify(value)}\` |`), name);
  });

  it('lists them in the blocks and in the order of the page of settings', () => {
    const rows = [...read('docs/settings.md').matchAll(/^\| (?:`(ipfsKit\.[\w.]+)` \| |\*\*([^*]+)\*\* \| \| \|$)/gm)];
    assert.deepEqual(
      rows.map(([, name, title]) => name ?? title),
      blocks.flatMap(({ title, properties }) => [
        title,
        ...Object.entries(properties)
          .filter(isCurrent)
          .map(([name]) => name),
      ]),
    );
  });
});

describe('the page of commands', () => {
  it('names every command of the Command Palette', () => {
    const page = read('docs/commands.md');
    const hidden = contributes.menus.commandPalette.flatMap(({ command, when }) => (when === 'false' ? (command ?? []) : []));
    const missing = contributes.commands.filter(
      ({ command, title }) => !hidden.includes(command) && !page.includes(title.replace('…', '')),
    );
    assert.deepEqual(
      missing.map(({ title }) => title),
      [],
      'docs/commands.md lacks these commands',
    );
  });
});

describe('the README', () => {
  it('is read in a few minutes', () => {
    assert.ok(read('README.md').split(/\s+/).length <= 1500);
  });

  it('names only scripts, files and headings that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);
    const text = read('README.md') + read('CONTRIBUTING.md');
    for (const [, script] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g)) assert.ok(scripts.includes(script ?? ''), script);
    for (const [, file = '', heading] of read('README.md').matchAll(/\]\(((?:docs|media)\/[^)#]+|[A-Z]+\.md)(?:#([^)]+))?\)/g)) {
      const of = read(file);
      assert.ok(of.length > 0, file);
      const headings = Array.from(of.matchAll(/^#+ (.+)$/gm), ([, title = '']) => title.toLowerCase().replaceAll(' ', '-'));
      assert.ok(heading === undefined || headings.includes(heading), `${file}#${heading ?? ''}`);
    }
  });
});
