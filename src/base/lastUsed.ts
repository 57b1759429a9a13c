/** Makes one value per key, and remembers the `most` that were used last. */
export function lastUsed<Value>(most: number): (key: string, make: () => Value) => Value {
  const made = new Map<string, Value>();
  return (key, make) => {
    const value = made.get(key) ?? make();
    made.delete(key); // moves it to the end, the one that was used last
    made.set(key, value);
    for (const [oldest] of made) {
      if (made.size <= most) break;
      made.delete(oldest);
    }
    return value;
  };
}
