export interface LaneResult {
  readonly title: string;
  readonly error?: unknown;
  readonly notRun?: string;
}

export declare function whyNotRun(lane: string, platform: NodeJS.Platform): string | undefined;

export declare function reportLanes(given: {
  readonly wanted: readonly string[];
  readonly run: (lane: string) => Promise<readonly LaneResult[]>;
  readonly platform: NodeJS.Platform;
  readonly write: (line: string) => void;
}): Promise<{ readonly passed: number; readonly failed: number }>;
