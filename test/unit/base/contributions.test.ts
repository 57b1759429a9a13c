import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { COMMAND, EXTENSION_ID, SETTING, VIEW } from '../../../src/base/contributions';
import {
  DAEMON_PATTERNS,
  DEFAULT_DAEMON_URLS,
  DEFAULT_DATABASE_PATH,
  DEFAULT_KUBO_COMMAND,
  DEFAULT_PID_FILE,
  DEFAULT_PYTHON,
  DEFAULT_KUBO_IDLE_SECONDS,
  DEFAULT_STOP_SECONDS,
} from '../../../src/base/settingDefaults';
import type { Reason } from '../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { createDaemonMonitor } from '../../../src/daemonClient/ipfsKit/monitor';
import type { PinSource } from '../../../src/pinSource/pinSource';
import { createSources, SOURCE_KINDS } from '../../../src/pinSource/sourceKinds';
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
    readonly menus: {
      readonly 'issue/reporter': readonly { readonly command: string }[];
      readonly commandPalette: readonly { readonly command: string; readonly when: string }[];
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

interface MenuItem {
  readonly command: string;
  readonly when: string;
  readonly group: string;
}

interface Setting {
  readonly default: unknown;
  readonly items?: { readonly enum?: readonly string[] };
  readonly scope: string;
  readonly order: number;
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
const settingNames = Object.values(names).map((name) => `${section}.${name}`);

describe('the manifest', () => {
  it('sends issues to its repository, with the command that adds the diagnostics', () => {
    const repository = manifest.repository.url.replace(/\.git$/, '');
    assert.deepEqual([manifest.homepage, manifest.bugs.url], [`${repository}#readme`, `${repository}/issues`]);
    assert.deepEqual(contributes.menus['issue/reporter'], [{ command: COMMAND.reportIssue }]);
  });

  it('declares the commands that the code registers, all in one category', () => {
    assert.deepEqual(contributes.commands.map(({ command }) => command).sort(), Object.values(COMMAND).sort());
    for (const { command, category } of contributes.commands) assert.equal(category, 'IPFS Kit', command);
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
      'ipfsKit.content.repository': '',
      'ipfsKit.content.gateways': [],
      'ipfsKit.content.browserGateway': '',
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
    const changing = /\.(?:start|stop(?!Listing)|restart|initialise|pinCid|unpin|rename|recover)/;
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

describe('the menus of the view', () => {
  const at = (kind: string, reason?: Reason): string =>
    everySource([kind])
      .map((source) => sourceContext(source, reason && new IpfsKitError(reason, '')))
      .join(' ');
  const matching = (menu: 'view/title' | 'view/item/context', key: string, value: string): string[] =>
    contributes.menus[menu]
      .filter(({ when }) => {
        const test = new RegExp(`${key} =~ /(.*)/$`).exec(when)?.[1];
        return test !== undefined && new RegExp(test).test(value);
      })
      .map(({ command, group }) => `${command.replace('ipfsKit.', '')}${/^(?:navigation|inline)/.test(group) ? '!' : ''}`);
  const offered = (...words: string[]): string[] => matching('view/title', 'ipfsKit\\.sources', words.join(' '));
  const onRow = (word: string): string[] => matching('view/item/context', 'viewItem', `source:${word}`);
  const ofDaemon = ['startDaemon', 'stopDaemon', 'restartDaemon', 'showDaemonProcesses', 'choosePinDatabase'];

  it('offer what the sources in the view can do, and nothing else', () => {
    assert.deepEqual(offered(at('ipfs_kit_py')), [...ofDaemon, 'filterByStatus']);
    assert.deepEqual(offered(at('ipfs_kit_py', 'missing')), [...ofDaemon, 'filterByStatus']);
    assert.deepEqual(offered(at('kubo')), ['pinCid!', 'pinCid', 'stopKubo', 'setToken']);
    assert.deepEqual(offered(at('kubo', 'cancelled')), ['pinCid!', 'pinCid', 'setToken']);
    assert.deepEqual(offered(at('kubo', 'refused')), ['startKubo', 'setToken']);
    assert.deepEqual(offered(at('cluster', 'needs-token')), ['setToken', 'filterByStatus']);
    assert.deepEqual(offered(at('services')), ['setToken', 'filterByStatus']);
    const several = offered(at('ipfs_kit_py', 'refused'), at('kubo', 'foreign'), at('cluster'));
    assert.deepEqual(several, ['pinCid', 'setToken', ...ofDaemon, 'filterByStatus']);
  });

  it('offer on the row of a source what that source can do', () => {
    const kubo = ['pinCid!', 'pinCid', 'exportPins', 'setToken', 'stopKubo'];
    assert.deepEqual(onRow(at('ipfs_kit_py')), ['exportPins']);
    assert.deepEqual(onRow(at('kubo')), kubo);
    assert.deepEqual(onRow(at('kubo', 'refused')), ['setToken', 'startKubo!', 'startKubo']);
    assert.deepEqual(onRow(at('cluster')), kubo.slice(0, -1));
    assert.deepEqual(onRow(at('services', 'needs-token')), ['setToken!', 'setToken']);
  });

  it('name no source', () => {
    const whens = [...contributes.menus['view/title'], ...contributes.menus['view/item/context']].map(({ when }) => when);
    for (const when of whens) assert.doesNotMatch(when, /ipfs_kit_py|\b(?:kubo|cluster|service)\b/);
  });
});

describe('the page of settings', () => {
  it('lists every setting with its default', () => {
    const page = read('docs/settings.md');
    for (const [name, { default: value }] of Object.entries(settings))
      assert.ok(page.includes(`| \`${name}\` | \`${JSON.stringify(value)}\` |`), name);
  });

  it('lists them in the blocks and in the order of the page of settings', () => {
    const rows = [...read('docs/settings.md').matchAll(/^\| (?:`(ipfsKit\.[\w.]+)` \| |\*\*([^*]+)\*\* \| \| \|$)/gm)];
    assert.deepEqual(
      rows.map(([, name, title]) => name ?? title),
      blocks.flatMap(({ title, properties }) => [title, ...Object.keys(properties)]),
    );
  });
});

describe('the page of commands', () => {
  it('names every command of the Command Palette', () => {
    const page = read('docs/commands.md');
    const hidden = contributes.menus.commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command);
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

  it('names only scripts and files that exist', () => {
    const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts);
    const text = read('README.md') + read('CONTRIBUTING.md');
    for (const [, script] of text.matchAll(/npm run (?:--silent )?([\w:]+)/g)) assert.ok(scripts.includes(script ?? ''), script);
    for (const [, file] of read('README.md').matchAll(/\]\(((?:docs|media)\/[^)]+|[A-Z]+\.md)\)/g))
      assert.ok(read(file ?? '').length > 0, file);
  });
});
