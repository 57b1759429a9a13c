import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { cluster, json, kubo, withStandIn } from '../../support/daemonStandIn';
import type { KitRun } from '../../support/kit';
import { errorIn, runKit } from '../../support/kit';
import { needs, POSIX } from '../../support/needs';
import { writeDatabase } from '../../support/python';

const CID = 'bafkreibnoe2rcltcs2cs62egrmhg6uckhb2mcjoakpqnzcmkz4ncnn2d2q';
const folder = mkdtempSync(path.join(tmpdir(), 'kit-'));
const database = path.join(folder, 'few.db');
before(() => writeDatabase(database, 3));
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it('explains itself and each verb', async () => {
    const { out } = await runKit(['--help']);
    for (const word of ['--help', '-h', 'help']) assert.deepEqual(await runKit([word]), { status: 0, out, err: '' });
    const verbs = [...out.matchAll(/^ {2}(\w+) +[A-Z]/gm)].map(([, verb = '']) => verb);
    assert.deepEqual(verbs.slice(0, 4), ['pins', 'compare', 'ls', 'cat']);
    const bundles = readdirSync(path.join(process.cwd(), 'dist/cli')).filter((file) => file.endsWith('.js'));
    assert.deepEqual(bundles.sort(), ['kit', ...verbs].map((verb) => `${verb}.js`).sort(), 'COMMAND_LINE in esbuild.mjs');
    const page = readFileSync(path.join(process.cwd(), 'docs/command-line.md'), 'utf8');
    for (const verb of verbs) {
      assert.ok(page.includes(`\n| \`${verb}\` | `), `docs/command-line.md lacks ${verb}`);
      for (const word of ['--help', '-h']) {
        const help = await runKit([verb, word]);
        assert.equal(help.status, 0);
        assert.match(help.out, new RegExp(`^ipfs-kit ${verb} `));
      }
    }
  });

  it('prints the version of its package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.deepEqual(await runKit(['--version']), { status: 0, out: `${version}\n`, err: '' });
  });

  it('lists its verbs for a missing or unknown verb, without repeating it', async () => {
    for (const args of [[], ['s3cret'], ['toString'], ['']]) {
      const run = await runKit(args);
      assert.equal(run.status, 1);
      assert.deepEqual([errorIn(run).reason, run.out.includes('s3cret')], ['invalid-argument', false]);
      assert.match(errorIn(run).message, /^Use one of the verbs pins, compare, ls, cat\b.*\. See --help\.$/);
      assert.equal(run.err, args.length === 0 ? (await runKit(['--help'])).out : '');
    }
  });

  it('runs through the link that npm makes', () => {
    const link = path.join(folder, 'ipfs-kit');
    symlinkSync(path.join(process.cwd(), 'dist/cli/kit.js'), link);
    const { status, stdout } = spawnSync(process.execPath, [link, 'pins', '--database', '/nowhere'], { encoding: 'utf8' });
    assert.deepEqual([status, errorIn({ status, out: stdout, err: '' }).reason], [1, 'missing']);
  });

  it('prints an error on one line, regardless of the format of the result', async () => {
    for (const form of [[], ['--json'], ['--ndjson']]) {
      const run = await runKit(['pins', '--database', '/nowhere', ...form]);
      assert.deepEqual([run.status, run.out.split('\n').length, run.err], [1, 2, '']);
      assert.equal(errorIn(run).reason, 'missing');
    }
  });

  it('rejects empty and repeated options', async () => {
    for (const args of [
      ['pins', '--database', ''],
      ['pins', '--daemon', ''],
      ['pins', '--kubo', ''],
      ['pins', '--kubo', '/a', '--kubo', '/b'],
      ['pins', '--service', 'http://127.0.0.1:9'],
      ['pins', '--service', 'a=http://127.0.0.1:9', '--service', 'a=http://127.0.0.1:8'],
      ['pins', '--source', 'nobody'],
      ['pins', '--token-file', '/dev/null'],
      ['pins', '--json', '--ndjson'],
      ['ls', CID, '--repo', '', '--json'],
      ['cat', CID, '--repo', '/a', '--kubo', '/b', '--json'],
    ]) {
      const run = await runKit(args);
      assert.deepEqual([run.status, run.err], [1, ''], args.join(' '));
      assert.equal(errorIn(run).reason, 'invalid-argument', args.join(' '));
    }
  });

  it('names the option whose value is wrong, and repeats no value that may contain a password', async () => {
    const pins: readonly (readonly [option: string, ...wrong: string[]])[] = [
      ['source', 's3cret'],
      ['database', '', 'me:s3cret@host'],
      ['daemon', '', 'me:s3cret@host', 'https://127.0.0.1:9', 'http://127.0.0.1:9/path'],
      ['python', 'me:s3cret@host'],
      ['kubo', '', 'me:s3cret@host', 'http://me:s3cret@127.0.0.1:9', 'ftp://127.0.0.1:9'],
      ['cluster', '', 'me:s3cret@host', 'http://me:s3cret@127.0.0.1:9', 'http://127.0.0.1:9?s3cret'],
      [
        'service',
        '',
        's3cret',
        's=me:s3cret@host',
        's=http://me:s3cret@127.0.0.1:9',
        'https://me:s3cret@host/?a=http://127.0.0.1:9',
      ],
      ['token-file', 's3cret'],
      ['token-env', 's3cret'],
      ['filter', 's3cret'.repeat(200)],
      ['sort', '', 's3cret'],
      ['group', '', 's3cret'],
      ['offset', '', '-1', 's3cret', '1e99'],
      ['limit', '', '-1', 's3cret', '10001'],
    ];
    const content: typeof pins = [
      ['repo', '', 'me:s3cret@host'],
      ['kubo', '', 'me:s3cret@host', 'http://me:s3cret@127.0.0.1:9', 'ftp://127.0.0.1:9'],
      ['gateway', '', 's3cret', 'http://me:s3cret@127.0.0.1:9', 'http://127.0.0.1:9#s3cret'],
      ['token-file', 's3cret'],
      ['token-env', 's3cret'],
      ['offset', '', 's3cret'],
      ['length', '', '-1'],
    ];
    const runs = (verb: readonly string[], options: typeof pins): readonly (readonly [string, readonly string[]])[] =>
      options.flatMap(([option, ...wrong]) => wrong.map((value) => [option, [...verb, `--${option}`, value]] as const));
    const flags = ['all-sources', 'json', 'ndjson', 'explain'].map((flag) => [flag, ['pins', `--${flag}=s3cret`]] as const);
    const calls = [...runs(['pins'], pins), ...flags, ...runs(['ls', CID], content), ...runs(['cat', CID], content)];
    for (const [option, args] of calls) {
      const run = await runKit([...args, ...(args[0] === 'pins' ? [] : ['--json'])]);
      const { reason, message } = errorIn(run);
      assert.deepEqual([run.status, reason], [1, 'invalid-argument'], args.join(' '));
      assert.match(message, new RegExp(`--${option}\\b`), args.join(' '));
      assert.doesNotMatch(run.out, /s3cret/);
    }
  });

  it('says what --limit takes', async () => {
    for (const limit of ['foo', '10001', '-1'])
      assert.equal(
        errorIn(await runKit(['pins', '--limit', limit])).message,
        '--limit must be a whole number of 0 or more (10,000 at most), or all. See --help.',
      );
  });

  it('suggests another source only where none was named', async () => {
    const message = async (...args: readonly string[]): Promise<string> => (await runKit(['pins', ...args])).out;
    assert.match(await message(), /--source kubo/);
    for (const args of [['--all-sources'], ['--database', '/nowhere'], ['--source', 'ipfs_kit_py']])
      assert.doesNotMatch(await message(...args), /--source kubo/, args.join(' '));
  });

  it('suggests steps that a command line has', async () => {
    const empty = path.join(folder, 'empty.db');
    writeFileSync(empty, '');
    assert.equal(
      errorIn(await runKit(['pins', '--database', empty])).message,
      `${empty} is an empty file: no pins have been written to it yet. Start the ipfs_kit_py daemon, which fills it.`,
    );
    for (const args of [[], ['--repo', '/nope']])
      assert.match(errorIn(await runKit(['ls', CID, ...args, '--json'])).message, /\. Set --repo to one, or --gateway to a/);
    await withStandIn({ 'GET /id': cluster('id'), 'GET /allocations': { status: '404 Not Found' } }, async (url) => {
      assert.equal(
        errorIn(await runKit(['pins', '--cluster', url])).message,
        `${url}/allocations doesn't exist (HTTP 404). Check the address of the daemon or service, and that it is up to date.`,
      );
    });
  });

  it('takes the URL of a service with /pins and without', () =>
    withStandIn({ 'GET /svc/pins': json({ count: 0, results: [] }) }, async (url, server) => {
      for (const end of ['', '/', '/pins', '/pins/']) {
        const run = await runKit(['pins', '--service', `mine=${url}/svc${end}`]);
        assert.equal(run.status, 0, run.out);
      }
      assert.deepEqual(new Set(server.requests.map((request) => request.path.split('?', 1)[0])), new Set(['/svc/pins']));
    }));

  it('reads a token before any request, so that a wrong path fails even if no daemon is running', async () => {
    for (const args of [
      ['ls', CID, '--repo', folder, '--token-file', '/nope', '--json'],
      ['pins', '--kubo', folder, '--token-file', '/nope'],
    ])
      assert.equal(errorIn(await runKit(args)).reason, 'missing', args.join(' '));
    assert.equal(errorIn(await runKit(['pins', '--kubo', folder, '--token-env', 'NONE'])).reason, 'invalid-argument');
  });

  it('takes a variable only from the environment itself', async () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      const { message } = errorIn(await runKit(['pins', '--kubo', folder, '--token-env', name]));
      assert.equal(message, 'The environment variable of --token-env has no token. See --help.');
    }
  });

  it('accepts a token only for a source that uses one, and only right after the option that names the source', async () => {
    const token = ['--token-env', 'TOKEN'];
    for (const [args, expected] of [
      [['--source', 'ipfs_kit_py', ...token], /^ipfs_kit_py takes no token/],
      [['--source', 'kubo', ...token, '--kubo', 'http://127.0.0.1:9'], /right after --kubo/],
      [['--cluster', 'http://127.0.0.1:9', '--source', 'cluster', ...token], /right after --cluster/],
    ] as const)
      assert.match(errorIn(await runKit(['pins', ...args], { TOKEN: 'x' })).message, expected);
  });

  it('takes a value that begins with one minus, as the status filter does', async () => {
    const total = async (...args: readonly string[]): Promise<unknown> =>
      (JSON.parse((await runKit(['pins', '--database', database, ...args])).out) as { total?: number }).total;
    assert.equal(await total('--filter', '-status:pinned', '--sort', '-time'), await total('--filter=-status:pinned'));
    assert.match(errorIn(await runKit(['pins', '--filter', '--json'])).message, /--filter requires a value/);
  });

  it('prints the complete list even if standard error is closed', needs(POSIX), () => {
    const kit = `${process.execPath} dist/cli/kit.js pins --database ${database} --kubo http://127.0.0.1:9 --ndjson`;
    for (const nowhere of ['2> /dev/full', '2>&-', '2> >(exec true)']) {
      const { status, stdout } = spawnSync('bash', ['-c', `${kit} ${nowhere}`], { encoding: 'utf8' });
      assert.deepEqual([status, stdout.split('\n').length], [0, 4], nowhere);
    }
  });

  it("reads absolute paths in a deleted folder, and reports that relative ones can't be resolved", needs(POSIX), () => {
    const run = (file: string): KitRun => {
      const gone = mkdtempSync(path.join(folder, 'gone-'));
      const kit = path.resolve('dist/cli/kit.js');
      const script = `rmdir "$PWD" && exec ${process.execPath} ${kit} pins --database ${file}`;
      const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: gone, encoding: 'utf8' });
      return { status, out: stdout, err: stderr };
    };
    assert.equal(run(database).status, 0);
    assert.equal(
      errorIn(run('few.db')).message,
      "The current folder doesn't exist anymore. Use an absolute path for --database.",
    );
  });

  it('begins relative paths in the current folder, also in a script of npm, and takes only ~ and ~/ for the home', () => {
    const project = mkdtempSync(path.join(folder, 'project-'));
    mkdirSync(path.join(project, 'data'));
    const location = (args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): string => {
      const { stdout } = spawnSync(process.execPath, [...args, '--database', env['FILE'] ?? 'x.db'], {
        ...{ cwd, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env } },
      });
      return / database: (.*) doesn't exist/.exec(errorIn({ status: 1, out: stdout, err: '' }).message)?.[1] ?? stdout;
    };
    const kit = [path.resolve('dist/cli/kit.js'), 'pins'];
    const data = path.join(project, 'data');
    const env = { INIT_CWD: project, npm_package_name: 'theirs' };
    assert.equal(location(kit, data, env), path.join(data, 'x.db'));
    assert.equal(location([path.resolve('scripts/pins.mjs')], data, env), path.join(data, 'x.db'));
    const ours = { ...env, npm_package_name: 'ipfs-kit' };
    assert.equal(location([path.resolve('scripts/pins.mjs')], process.cwd(), ours), path.join(project, 'x.db'));
    assert.equal(location(kit, data, { FILE: '~x.db' }), path.join(data, '~x.db'));
    assert.equal(location(kit, data, { FILE: '~/x.db' }), path.join('/nonexistent', 'x.db'));
    assert.equal(location(kit, data, { FILE: '~/x.db', HOME: '' }), path.join(userInfo().homedir, 'x.db'));
  });

  it('is packed with the files that it loads, and with no others', () => {
    const loaded = new Set<string>();
    const follow = (file: string): void => {
      if (loaded.has(file) || !existsSync(file)) return;
      loaded.add(file);
      if (!file.endsWith('.js')) return;
      for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/["'`]((?:\.{1,2}\/)?[\w-]+\.(?:js|wasm))["'`]/g))
        for (const from of [path.dirname(file), 'dist']) follow(path.join(from, name));
    };
    follow(path.join('dist', 'cli', 'kit.js'));
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
    const [{ files }] = JSON.parse(stdout) as [{ files: readonly { path: string }[] }];
    const packed = files.map((file) => path.normalize(file.path)).filter((file) => file.startsWith('dist'));
    assert.deepEqual(packed.sort(), [...loaded].sort());
  });

  it('sends a token to the source it follows, and to no other', () =>
    withStandIn({ 'GET /pins': json({ count: 0, results: [] }) }, async (url, server) => {
      writeFileSync(path.join(folder, 'token'), 'first-token\nmore\n');
      const services = [
        ...['--service', `a=${url}`, '--token-file', path.join(folder, 'token')],
        ...['--service', `b=${url}`, '--token-env', 'SECOND', '--service', `c=${url}`],
      ];
      const { status } = await runKit(['pins', ...services, '--json'], { SECOND: 'second-token' });
      assert.equal(status, 0);
      const sent = new Set(server.requests.map(({ headers }) => headers['authorization']));
      assert.deepEqual(sent, new Set(['Bearer first-token', 'Bearer second-token', undefined]));
    }));

  it("reports what an ipfs_kit_py daemon responds with, and what isn't Kubo", async () => {
    const failing = { status: '500 Internal Server Error', body: '{}' };
    await withStandIn({ 'GET /health': failing, 'GET /api/v1/status': failing, 'GET /status': failing }, async (url) => {
      const { reason, message } = errorIn(await runKit(['pins', '--daemon', url]));
      assert.equal(reason, 'http-status');
      assert.match(message, /responded with HTTP 500/);
    });
    await withStandIn({}, async (url) => {
      for (const args of [['pins'], ['cat', CID, '--json']]) {
        const { reason, message } = errorIn(await runKit([...args, '--kubo', url]));
        assert.equal(reason, 'foreign');
        assert.match(message, /(?:is not|isn't).* Kubo.*--kubo/);
        assert.doesNotMatch(message, /doesn't exist|ipfsKit\./);
      }
    });
    await withStandIn({ 'POST /api/v0/id': kubo('id'), 'POST /api/v0/pin/ls': { status: '403 Forbidden' } }, async (url) => {
      const { reason, message } = errorIn(await runKit(['pins', '--kubo', url]));
      assert.equal(reason, 'needs-token');
      assert.match(message, /--token-file or --token-env/);
      assert.doesNotMatch(message, /Set Token/);
    });
  });

  it('ends silently, with status 0, when its reader has had enough', async () => {
    const many = path.join(folder, 'many.db');
    writeDatabase(many, 20_000);
    const child = spawn(process.execPath, ['dist/cli/kit.js', 'pins', '--database', many, '--limit', 'all', '--ndjson']);
    let err = '';
    child.stderr.on('data', (text) => (err += String(text)));
    child.stdout.once('data', () => child.stdout.destroy());
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([status, err], [0, '']);
  });

  it('is ended by Ctrl+C with status 130, and prints nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const child = spawn(process.execPath, ['dist/cli/kit.js', 'pins', '--daemon', `http://127.0.0.1:${port}`]);
    let out = '';
    child.stdout.on('data', (text) => (out += String(text)));
    silent.once('connection', () => child.kill('SIGINT'));
    const status = await new Promise((resolve) => child.on('close', resolve));
    assert.deepEqual([status, out], [130, '']);
    silent.close();
  });
});
