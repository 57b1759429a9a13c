// Several sources in one tree: ipfs_kit_py from disk, Kubo with an open folder, IPFS Cluster with its peers, and a service that requires a token.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { startClusterStandIn } from '../../test/ui/clusterStandIn.mjs';
import { importIntoRepository } from '../../test/ui/ipfsRepository.mjs';
import { startKuboStandIn } from '../../test/ui/kuboStandIn.mjs';
import { isSettled } from '../lib/settledView.mjs';

const WRITE = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("create table pins (cid text primary key, name text, pin_type text, timestamp real, size_bytes integer)")
db.executemany("insert into pins values (?, ?, 'recursive', ?, ?)", json.loads(sys.argv[2]))
db.commit()`;

const HOUR = 3_600_000;
const ago = (hours) => Date.now() - hours * HOUR;
const ending = [];

export async function prepare({ home }) {
  const repository = path.join(home, '.ipfs');
  const text = (content) => Buffer.from(content);
  const { cids } = await importIntoRepository(repository, [
    { path: 'ferns.md', content: text('# Ferns\n\nSeen on the north side, below the old mill.\n\n- lady fern: 14\n- hard fern: 3\n- royal fern: 1, with spores\n') }, // prettier-ignore
    { path: 'mosses.md', content: text('# Mosses\n') },
  ]);

  const folder = path.join(home, '.ipfs_kit/pin_metadata');
  mkdirSync(folder, { recursive: true });
  const pins = [
    ['bafybeidskjjd4zmr7oh6ku6wp72vvbxyibcli2r6if3ocdcy7jjjusvl2u', 'dataset-2025', ago(50) / 1000, 6_442_450_944],
    ['bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a', 'model.safetensors', ago(6) / 1000, 675_200_000],
    ['bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e', 'training.log', ago(5) / 1000, 88_064],
  ];
  execFileSync(process.env.IPFS_KIT_TEST_PYTHON, ['-c', WRITE, path.join(folder, 'pins.db'), JSON.stringify(pins)]);

  const kubo = await startKuboStandIn({
    repository,
    pins: [
      { cid: cids[''], name: 'field notes', type: 'recursive', bytes: 20_480, isFolder: true },
      {
        cid: 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG',
        name: 'getting-started',
        type: 'recursive',
        bytes: 10_240,
        isFolder: true,
      },
      { cid: 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn', type: 'recursive', bytes: 48_234_496 },
      { cid: 'bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy', name: 'licence.txt', type: 'direct', bytes: 1_071 },
    ],
  });
  const cluster = await startClusterStandIn({
    lost: ['rowan'],
    pins: [
      { cid: 'bafybeibkgm4enpe6luvzztq7f7ljofgmazsbrerui4ecury7ogpxoi2ma4', name: 'web site', hours: 3 },
      { cid: 'bafybeidmq32dm43exzlxfzgdfq44e6uov4mk4n4k26qmatwrspsgtspo2a', name: 'scans-2024', hours: 20, alder: 'pin_error' },
      { cid: 'QmWpLmbM2YgbhUdqKaxMcYppdRjEbBXXaaFnNYCrvNSTyJ', name: 'scans-2025', hours: 21 },
      { cid: 'bafkreidon73zkcrwdb5iafqtijxildoonbwnpv7dyd6ef3qdgads2jc4su', name: 'mirror.tar', hours: 49 },
    ].map(({ hours, alder = 'pinned', ...pin }) => ({
      ...pin,
      timestamp: new Date(ago(hours)).toISOString(),
      statuses: { alder, birch: 'pinned', rowan: 'remote' },
    })),
  });
  const service = createServer((_, response) => response.writeHead(401).end());
  await new Promise((resolve) => service.listen(0, '127.0.0.1', resolve));
  ending.push(
    () => kubo.stop({ cleanly: false }),
    cluster.stop,
    () => service.close(),
  );
  return {
    'ipfsKit.cluster.url': cluster.url,
    'ipfsKit.pinningServices': [{ name: 'archive', url: `http://127.0.0.1:${service.address().port}` }],
  };
}

export async function arrange(workbench) {
  const showing = (what, wanted) => workbench.waitForView(what, (view) => isSettled(view) && wanted(view));
  const has = (view, label, description) =>
    view.rows.some((row) => row.label === label && (description === undefined || row.description.includes(description)));
  const names = ['archive', 'ipfs_kit_py', 'Kubo', 'IPFS Cluster'];
  const { rows } = await showing(
    'all sources',
    (view) => names.every((name) => has(view, name)) && has(view, 'archive', 'token'),
  );
  for (const name of names.slice(1)) {
    const next = rows[rows.findIndex(({ label }) => label === name) + 1];
    if (next === undefined || names.includes(next.label)) await workbench.clickRow(name); // It is closed.
  }
  await showing(
    'the requested facts of their pins',
    (view) => has(view, 'scans-2024', 'failed on alder') && has(view, 'field notes', '20.0 KB') && has(view, 'training.log'),
  );
  await workbench.clickRow('Peers');
  await showing('the peers', (view) => has(view, 'rowan', 'failed to dial'));
  await workbench.clickRow('field notes');
  await showing('the files of the folder', (view) => has(view, 'ferns.md'));
  await workbench.clickRow('ferns.md');
  await workbench.editorText((shown) => shown.includes('royal fern'));
}

export function end() {
  for (const each of ending) each();
}
