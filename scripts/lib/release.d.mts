export declare function changelogSection(changelog: string, version: string): string | undefined;

export declare function releaseProblems(release: {
  readonly tag: string;
  readonly version: string;
  readonly changelog: string;
}): readonly string[];
