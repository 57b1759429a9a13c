/** Built into the bundle as text. */
declare module '*.py' {
  const text: string;
  export { text as default };
}
