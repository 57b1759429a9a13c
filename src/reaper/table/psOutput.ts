/**
 * What /bin/ps of macOS prints, after its source (github.com/apple-oss-distributions/adv_cmds, ps/print.c and ps/keyword.c).
 * Never run on that platform.
 */

/** A zombie's arguments; those that the kernel does not hand out are `(name)`. */
const NO_ARGUMENTS = /^(?:<defunct>|\(.*\))$/s;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Mon Nov 23 10:51:23 2026`: "%c" of the C locale, which is what LC_ALL=C leaves of strftime(3). */
const START = String.raw`([A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4})`;

/** A line each; ps ends the last one too. Undefined if there is no header, or the end is missing. */
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
 * Of `-o pid,ppid,pgid,ruid,stat,lstart,args`: nothing before the arguments holds what others choose. The state may be blank, or begin with a blank:
 * where ps may not ask for the threads of a process (PS_ENTITLEMENT_ENFORCED), it knows of Z and T only.
 */
export function parsePsRow(line: string): PsRow | undefined {
  const [, pid, ppid, pgid, user = '', state = '', start = '', args = ''] = ROW.exec(line) ?? [];
  if (pid === undefined || parseStart(start) === undefined) return undefined;
  return { pid: Number(pid), ppid: Number(ppid), pgid: Number(pgid), user, state, start, args };
}

const SHORT_ROW = new RegExp(String.raw`^ *(\d+) +${START} *(.*?) *$`, 's');

/** Of `-o pid,lstart,` and one more. */
export function parseShortPsRow(
  line: string,
): { readonly pid: number; readonly start: string; readonly last: string } | undefined {
  const [, pid, start = '', last = ''] = SHORT_ROW.exec(line) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), start, last };
}

/** Seconds since 1970, of a ps that was run with the time zone UTC. */
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
 * ps prints through vis(3) with VIS_TAB, VIS_NL and VIS_NOSLASH: in the C locale what is not ASCII becomes `M-C`, `M^C`, a control `^C`, and a
 * newline `\012`, so a line is one process. The notation is not one-to-one; where its bytes are not UTF-8, the text is left as it is. No ASCII
 * letter can come of it, so no name becomes that of a daemon.
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
