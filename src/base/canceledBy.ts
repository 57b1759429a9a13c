/** A signal that is aborted when the user cancels a progress notification, whose token this is. */
export function canceledBy(token: { readonly onCancellationRequested: (listener: () => void) => unknown }): AbortSignal {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}
