import path from 'node:path';

/** The programs of Windows that list and end processes, and what is asked of them. Never run on that platform. */

export interface WindowsPrograms {
  readonly powershell: string;
  readonly taskkill: string;
  /** What they need beside what every process on Windows gets (node passes on SYSTEMROOT, TEMP and such by itself). */
  readonly environment: Readonly<Record<string, string>>;
}

/** Undefined where SystemRoot is no folder on a drive: what is not there was put into the environment by somebody. */
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
      // Only its own modules: an editor that was started from PowerShell 7 hands on those, which 5.1 cannot load, and the user's own may be anything.
      PSModulePath: path.win32.join(powershell, 'Modules'),
      PSModuleAnalysisCachePath: 'NUL',
    },
  };
}

/** UTF-16 in base64: nothing in the script has to be quoted for anybody. */
export function powershellArguments(script: string): readonly string[] {
  const encoded = Buffer.from(script, 'utf16le').toString('base64');
  return ['-NoLogo', '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text', '-EncodedCommand', encoded];
}

const PREAMBLE = `$ErrorActionPreference='Stop'
$ProgressPreference='SilentlyContinue'
function Created($p){if($p.CreationDate){$p.CreationDate.ToUniversalTime().Ticks.ToString()}}
`;

/**
 * ASCII only, so that no code page matters: without a console the output encoding cannot even be set. -InputObject and the object around keep one
 * row from losing its array.
 */
const PRINT = `$json=Microsoft.PowerShell.Utility\\ConvertTo-Json -InputObject @{rows=@($rows)} -Compress -Depth 4
[regex]::Replace($json,'[^ -~]',{param($m)'\\u{0:x4}' -f [int][char]$m.Value})
`;

/**
 * All processes. Their owners take a call each (GetOwnerSid, some ms; for all processes it is seconds): they are asked of those that may be Python,
 * of all that descend from these or from the known, and of ourselves. No other process can be a daemon or belong to one; nobody's owner changes, so
 * those of the known are not asked again. Parent ids may lead to more processes than they should, which costs a call and decides nothing.
 * Owner: a SID; `denied`; empty where nothing came of it; null where it was not asked. One that has ended while it was asked is left out.
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

/** Start times alone. Of all: a query that names many processes may be too long for WMI. */
export function startTimesScript(): string {
  return `${PREAMBLE}$rows=foreach($p in CimCmdlets\\Get-CimInstance -ClassName Win32_Process -Property Handle,ProcessId,CreationDate){
@{pid=$p.ProcessId;created=(Created $p)}}
${PRINT}`;
}

export interface WindowsRow {
  readonly pid: number;
  readonly ppid: number;
  /** 100 ns since the year 1; undefined where Windows does not tell (Idle, System). */
  readonly created: string | undefined;
  readonly line: string | undefined;
  readonly memory: number | undefined;
  readonly owner: string | undefined;
}

/** Undefined if it is no listing. */
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

/** PowerShell 5.1 makes one object of an array with one element, and of some arrays an object with `value` and `Count`. */
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
