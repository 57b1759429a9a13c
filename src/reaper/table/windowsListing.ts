import path from 'node:path';

/** The programs of Windows that list and end processes, and their arguments. Never run on that platform. */

export interface WindowsPrograms {
  readonly powershell: string;
  readonly taskkill: string;
  /** The variables they need beside those that every process on Windows gets (Node passes on SYSTEMROOT, TEMP and such). */
  readonly environment: Readonly<Record<string, string>>;
}

/** Undefined where SystemRoot isn't a folder on a drive, since another program must then have set the variable. */
export function windowsPrograms(systemRoot: string | undefined): WindowsPrograms | undefined {
  if (systemRoot === undefined || !/^[A-Za-z]:\\[^"<>|?*:\p{Cc}]*$/u.test(systemRoot)) return undefined;
  const folder = path.win32.join(systemRoot, 'System32');
  const powershell = path.win32.join(folder, 'WindowsPowerShell', 'v1.0');
  return {
    powershell: path.win32.join(powershell, 'powershell.exe'),
    taskkill: path.win32.join(folder, 'taskkill.exe'),
    environment: {
      SystemRoot: systemRoot,
      Path: folder,
      // Only PowerShell's own modules: an editor that was started from PowerShell 7 passes on that version's, which 5.1 can't load, and the user's own may be
      // anything.
      PSModulePath: path.win32.join(powershell, 'Modules'),
      PSModuleAnalysisCachePath: 'NUL',
    },
  };
}

/** Encodes the script as UTF-16 in base64, so that nothing in it has to be quoted. */
export function powershellArguments(script: string): readonly string[] {
  const encoded = Buffer.from(script, 'utf16le').toString('base64');
  return ['-NoLogo', '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text', '-EncodedCommand', encoded];
}

const PREAMBLE = `$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
function Created($p){if($p.CreationDate){$p.CreationDate.ToUniversalTime().Ticks.ToString()}}
`;

/**
 * Prints ASCII only, so that the code page doesn't matter: without a console the output encoding can't even be set. -InputObject and the object around the rows
 * keep a single row from losing its array.
 */
const PRINT = `$json=Microsoft.PowerShell.Utility\\ConvertTo-Json -InputObject @{rows=@($rows)} -Compress -Depth 4
[regex]::Replace($json,'[^ -~]',{param($m)'\\u{0:x4}' -f [int][char]$m.Value})
`;

/**
 * Lists all processes. An owner takes a call (GetOwnerSid, some ms; seconds for all processes), so owners are asked for only where a process may be Python,
 * descends from such a process or from a known one, or is IPFS Kit itself. No other process can be a daemon or belong to one. An owner never changes, so known
 * processes aren't asked again. Parent ids may lead to more processes than they should, which costs a call and decides nothing.
 * Owner: a SID; `denied`; empty where the call failed; null where the owner wasn't asked for. A process that has exited meanwhile is left out.
 */
export function listingScript(known: readonly number[], selves: readonly number[]): string {
  return `${PREAMBLE}function Owner($p){
try{$answer=CimCmdlets\\Invoke-CimMethod -InputObject $p -MethodName GetOwnerSid}catch{return ''}
if($answer.ReturnValue -eq 0){$answer.Sid}elseif(2,3 -contains $answer.ReturnValue){'denied'}else{''}}
$known=@{};foreach($id in @(${known.join(',')})){$known["$id"]=1}
$asked=@{};foreach($id in @(${selves.join(',')})){$asked["$id"]=1}
$all=@(CimCmdlets\\Get-CimInstance -ClassName Win32_Process -Property Handle,ProcessId,ParentProcessId,CreationDate,CommandLine,WorkingSetSize)
$tree=$known.Clone()
foreach($p in $all){if($p.CommandLine -match 'python|pypy'){$tree["$($p.ProcessId)"]=1}}
do{$count=$tree.Count
foreach($p in $all){if($tree.ContainsKey("$($p.ParentProcessId)")){$tree["$($p.ProcessId)"]=1}}
}while($tree.Count -gt $count)
$rows=foreach($p in $all){
$id="$($p.ProcessId)";$owner=$null
if($asked.ContainsKey($id) -or ($tree.ContainsKey($id) -and -not $known.ContainsKey($id))){
$owner=Owner $p
if($owner -eq ''){
$now=CimCmdlets\\Get-CimInstance -ClassName Win32_Process -Filter "ProcessId=$id" -Property Handle,ProcessId,CreationDate
if(-not $now -or (Created $now) -ne (Created $p)){continue}
$owner=Owner $now}}
@{pid=$p.ProcessId;ppid=$p.ParentProcessId;created=(Created $p);line=$p.CommandLine;memory=$p.WorkingSetSize;owner=$owner}}
${PRINT}`;
}

/** Lists only the start times, of all processes: a query that names many may be too long for WMI. */
export function startTimesScript(): string {
  return `${PREAMBLE}$rows=foreach($p in CimCmdlets\\Get-CimInstance -ClassName Win32_Process -Property Handle,ProcessId,CreationDate){
@{pid=$p.ProcessId;created=(Created $p)}}
${PRINT}`;
}

export interface WindowsRow {
  readonly pid: number;
  readonly ppid: number;
  /** 100 ns since the year 1; undefined where Windows doesn't show it (Idle, System). */
  readonly created: string | undefined;
  readonly line: string | undefined;
  readonly memory: number | undefined;
  readonly owner: string | undefined;
}

/** Undefined if the output isn't a listing. */
export function parseListing(output: string): readonly WindowsRow[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(output.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
  const list = rowsIn(parsed);
  if (list === undefined) return undefined;
  const rows = list.map(parseRow).filter((row) => row !== undefined);
  const isWhole = rows.length === list.length && new Set(rows.map(({ pid }) => pid)).size === rows.length;
  return isWhole ? rows : undefined;
}

/** PowerShell 5.1 turns an array with one element into an object, and some arrays into an object with `value` and `Count`. */
function rowsIn(parsed: unknown): readonly unknown[] | undefined {
  if (Array.isArray(parsed)) return parsed as readonly unknown[];
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  if ('rows' in parsed) return rowsIn(parsed.rows);
  if ('value' in parsed) return rowsIn(parsed.value);
  return [parsed];
}

function parseRow(row: unknown): WindowsRow | undefined {
  if (typeof row !== 'object' || row === null) return undefined;
  const { pid, ppid = 0, created, line, memory, owner } = row as Readonly<Record<string, unknown>>;
  if (!isId(pid) || !isId(ppid)) return undefined;
  return {
    pid,
    ppid,
    created: typeof created === 'string' && /^\d{1,19}$/.test(created) ? created : undefined,
    line: textOf(line),
    memory: typeof memory === 'number' ? memory : undefined,
    owner: textOf(owner),
  };
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 32;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
