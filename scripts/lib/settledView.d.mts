export declare function isSettled(view: {
  readonly busy: boolean;
  readonly message: string;
  readonly rows: readonly { readonly description: string }[];
}): boolean;
