import assert from 'node:assert/strict';
import type { StopCase } from '../../lib/stopCase';
import { PORT } from '../../lib/world';

export const stopCase: StopCase = {
  title: 'Another program’s lock on the database is reported, and its holder is left alone',
  run: async (world) => {
    await world.daemon({ listen: PORT, children: [{}] });
    const code = `import sqlite3; lock = sqlite3.connect(${JSON.stringify(world.database)}, isolation_level=None); lock.execute("BEGIN IMMEDIATE"); exec(open(${JSON.stringify(world.file('bystander.py'))}).read())`;
    const pid = await world.bystander({ label: 'reader', argv: [world.python, '-c', code] });
    const { result } = await world.stop({}, { ok: false, dbLockers: [pid] });
    assert.equal(result.locks, 'held');
  },
};
