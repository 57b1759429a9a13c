/**
 * Reads the output of macOS's /bin/ps, after its source (github.com/apple-oss-distributions/adv_cmds, ps/print.c and ps/keyword.c). Never run on that platform.
 */

/** The arguments of a zombie. Arguments that the kernel doesn't hand out are `(name)`. */
const NO_ARGUMENTS = /^(?:<defunct>|\(.*\))$/s;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon Nov 23 10:51:23 2026`: "%c" of the C locale, as strftime(3) writes it with LC_ALL=C. */
const START = String.raw`([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})`;

/** The lines of the output; ps also ends the last one. Undefined if the header or the end is missing. */
export function psLines(output: string): readonly string[] | undefined {
  if (!/^ *PID /.test(output) || !output.endsWith('\n')) return undefined;
  return output.slice(0, -1).split('\n').slice(1);
}

export interface PsRow {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  readonly user: string;
  readonly state: string;
  readonly start: string;
  readonly args: string;
}

const ROW = new RegExp(String.raw`^ *(\d+) +(\d+) +(\d+) +(-?\d+) +(\S{0,12}) +${START} +(.*)$`, 's');

/**
 * Parses a row of `-o pid,ppid,pgid,ruid,stat,lstart,args`. Nothing before the arguments contains text that others choose. The state may be blank or begin with
 * a blank: where ps may not ask for a process's threads (PS_ENTITLEMENT_ENFORCED), it knows only Z and T.
 */
export function parsePsRow(line: string): PsRow | undefined {
  const [, pid, ppid, pgid, user = '', state = '', start = '', args = ''] = ROW.exec(line) ?? [];
  if (pid === undefined || parseStart(start) === undefined) return undefined;
  return { pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), user, state, start, args };
}

const SHORT_ROW = new RegExp(String.raw`^ *(\d+) +${START} *(.*?) *$`, 's');

/** Parses a row of `-o pid,lstart,` and one more column. */
export function parseShortPsRow(
  line: string,
): { readonly pid: number; readonly start: string; readonly last: string } | undefined {
  const [, pid, start = '', last = ''] = SHORT_ROW.exec(line) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), start, last };
}

/** Seconds since 1970, from a ps that ran with the time zone UTC. */
export function parseStart(start: string): number | undefined {
  const [, month = '', day, hour, minute, second, year] = /^\w+ (\w+) +(\d+) (\d+):(\d+):(\d+) (\d+)$/.exec(start) ?? [];
  const index = MONTHS.indexOf(month);
  if (index === -1) return undefined;
  return Date.UTC(Number(year), index, Number(day), Number(hour), Number(minute), Number(second)) / 1000;
}

export function hasArguments(args: string): boolean {
  return args !== '' && !NO_ARGUMENTS.test(args);
}

const ENCODED = /M\^[@-_?]|M-[!-~]|\^[@-_?]|\\(?:011|012|240)/g;

/**
 * Decodes vis(3) with VIS_TAB, VIS_NL and VIS_NOSLASH, through which ps prints: in the C locale a byte that isn't ASCII becomes `M-C` or `M^C`, a control
 * character `^C`, and a newline `\012`, so each process is one line. The notation isn't one-to-one; where its bytes aren't UTF-8, the text is left as it is. It
 * never produces an ASCII letter, so no name turns into a daemon's.
 */
export function decodeVis(text: string): string {
  if (!/[M^\\]/.test(text)) return text;
  const bytes = Buffer.from(
    text.replace(/[\u0080-\uffff]/g, (raw) => Buffer.from(raw, 'utf8').toString('latin1')).replace(ENCODED, decodeOne),
    'latin1',
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return text;
  }
}

function decodeOne(code: string): string {
  if (code.startsWith('\\')) return String.fromCharCode(Number.parseInt(code.slice(1), 8));
  const last = code.charCodeAt(code.length - 1);
  if (code.startsWith('M-')) return String.fromCharCode(last | 0x80);
  return String.fromCharCode((last ^ 0x40) | (code.startsWith('M') ? 0x80 : 0));
}
