// Stands in for the native build of @vscode/spdlog, which a workbench that is installed without install scripts (and so without a
// compiler) lacks. VS Code then writes no log file, and every log channel in the Output panel stays empty, ours too.
// The API is that of the native build in version 0.15 of the package, whose own index.js stays as it is and finds this one.
const { Buffer } = require('node:buffer');
const { closeSync, fstatSync, openSync, renameSync, writeSync } = require('node:fs');

const LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
const two = (number) => String(number).padStart(2, '0');

/** The flags of a pattern that VS Code uses. */
const FLAGS = {
  Y: ({ time }) => time.getFullYear(),
  m: ({ time }) => two(time.getMonth() + 1),
  d: ({ time }) => two(time.getDate()),
  H: ({ time }) => two(time.getHours()),
  M: ({ time }) => two(time.getMinutes()),
  S: ({ time }) => two(time.getSeconds()),
  e: ({ time }) => String(time.getMilliseconds()).padStart(3, '0'),
  l: ({ level }) => LEVELS[level],
  v: ({ message }) => message,
};

const loggers = new Set();
let levelOfAll = 2;

/** A line is written at once: there is nothing to flush, and nothing is lost with the process. One older file is kept, so that two bound what a log takes. */
class Logger {
  constructor(kind, name, file, maxBytes) {
    this.level = levelOfAll;
    if (!kind.startsWith('rotating')) return; // to standard output: VS Code has none
    this.file = file;
    this.maxBytes = maxBytes;
    this.setPattern('%Y-%m-%d %H:%M:%S.%e [%l] %v');
    this.open();
    loggers.add(this);
  }

  open() {
    this.descriptor = openSync(this.file, 'a');
    this.bytes = fstatSync(this.descriptor).size;
  }

  rotate() {
    renameSync(this.file, this.file.replace(/(\.[^./\\]*)?$/, '.1$1'));
    const before = this.descriptor;
    this.open();
    closeSync(before);
  }

  log(level, message) {
    if (this.descriptor === undefined || level < this.level) return;
    try {
      const line = Buffer.from(this.format({ level, message, time: new Date() }));
      if (this.bytes > 0 && this.bytes + line.length > this.maxBytes) this.rotate();
      this.bytes += writeSync(this.descriptor, line);
    } catch {
      // A log that cannot be written (the folder is gone, the disk is full) must not hurt what it logs.
    }
  }

  getLevel() {
    return this.level;
  }

  setLevel(level) {
    this.level = level;
  }

  setPattern(pattern) {
    this.format = (entry) => `${pattern.replace(/%([a-zA-Z])/g, (as, flag) => FLAGS[flag]?.(entry) ?? as)}\n`;
  }

  /** What is logged comes with its own time and end of line. */
  clearFormatters() {
    this.format = ({ message }) => message;
  }

  flush() {}

  drop() {
    if (!loggers.delete(this)) return;
    closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

for (const [level, name] of ['trace', 'debug', 'info', 'warn', 'error', 'critical'].entries())
  Logger.prototype[name] = function (message) {
    this.log(level, message);
  };

exports.version = 11200;
exports.setLevel = (level) => {
  levelOfAll = level;
  for (const logger of loggers) logger.level = level;
};
exports.setFlushOn = () => undefined; // nothing waits
exports.Logger = Logger;
