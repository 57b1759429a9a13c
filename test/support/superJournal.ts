import { statSync, utimesSync, writeFileSync } from 'node:fs';

/** Adds the journal of a transaction over several databases, which only SQLite may roll back, so that the reader reports the database as busy. */
export function addSuperJournal(file: string): void {
  const magic = Buffer.from('d9d505f920a163d7', 'hex');
  const journal = Buffer.alloc(512);
  magic.copy(journal);
  [0, 0, statSync(file).size / 4096, 512, 4096].forEach((word, index) => journal.writeUInt32BE(word, 8 + 4 * index));
  const name = Buffer.from('/somewhere/pins.db-mj0123456789');
  const end = Buffer.alloc(8);
  const sum = name.reduce((total, byte) => total + byte, 0);
  [name.length, sum].forEach((word, index) => end.writeUInt32BE(word, 4 * index));
  writeFileSync(`${file}-journal`, Buffer.concat([journal, name, end, magic]));
  const longAgo = Date.now() / 1000 - 60;
  for (const each of [file, `${file}-journal`]) utimesSync(each, longAgo, longAgo);
}
