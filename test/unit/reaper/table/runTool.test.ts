import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createToolRunner } from '../../../../src/reaper/table/runTool';
import { needs, POSIX } from '../../../support/needs';

const run = createToolRunner({ TZ: 'UTC0' });
const LIMITS = { timeoutMs: 60_000, maxBytes: 10_000 };
const node = (script: string, limits = LIMITS, ...args: string[]) => run(process.execPath, ['-e', script, ...args], limits);

describe('a tool', () => {
  it('is run to its end, and its output and status are returned', async () => {
    const result = await node('process.stdout.write("é"); process.stderr.write("no"); process.exitCode = 3');
    assert.deepEqual(result, { status: 3, stdout: 'é', stderr: 'no' });
  });

  it('gets its arguments unchanged: no shell reads them', async () => {
    const hostile = ['$(id)', '; id', '"', '%PATH%', 'a b', '*'];
    const { stdout } = await node('console.log(JSON.stringify(process.argv.slice(1)))', LIMITS, ...hostile);
    assert.deepEqual(JSON.parse(stdout), hostile);
  });

  it('gets only the environment that is passed to it', async () => {
    process.env['IPFS_KIT_TEST_SECRET'] = 'x';
    const { stdout } = await node('console.log(JSON.stringify(process.env))');
    delete process.env['IPFS_KIT_TEST_SECRET'];
    const environment = JSON.parse(stdout) as Record<string, string>;
    assert.equal(environment['IPFS_KIT_TEST_SECRET'], undefined);
    assert.deepEqual([environment['LC_ALL'], environment['TZ']], ['C', 'UTC0']);
  });

  it('gets no input', async () => {
    const { stdout } = await node('process.stdin.on("data", () => 0).on("end", () => console.log("end"))');
    assert.equal(stdout, 'end\n');
  });

  it('is ended when it is too slow, and not waited for', async () => {
    await assert.rejects(node('setInterval(() => 0, 1000)', { ...LIMITS, timeoutMs: 300 }), /no response within 0.3 s/);
  });

  it('is not waited for where another has its output', async () => {
    const script = `require("child_process").spawn(process.execPath, ["-e", "setTimeout(() => 0, 8000)"], { stdio: "inherit" }).unref(); process.exit()`;
    const began = performance.now();
    await assert.rejects(node(script, { ...LIMITS, timeoutMs: 1500 }), /no response/);
    assert.ok(performance.now() - began < 6000);
  });

  it('is ended when it prints too much', async () => {
    await assert.rejects(node('for (;;) process.stdout.write("x".repeat(1000))'), /more than 10000 bytes/);
  });

  it('that prints endless errors is read only up to a limit', async () => {
    const { stderr } = await node('process.stderr.write("x".repeat(1e6))');
    assert.ok(stderr.length >= 16_384 && stderr.length < 100_000);
  });

  it("that can't be started is a failure", async () => {
    await assert.rejects(run('/nowhere/ps', [], LIMITS), /ENOENT/);
    await assert.rejects(run('ps', [], LIMITS), /absolute/);
    await assert.rejects(run(process.execPath, ['\0'], LIMITS), /null bytes/);
  });

  it('that is killed is a failure', needs(POSIX), async () => {
    await assert.rejects(node('process.kill(process.pid, "SIGKILL")'), /killed by SIGKILL/);
  });
});
