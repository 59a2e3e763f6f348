/** `SA`, `VENDOR`, `VENDOR` as people read them: `SA`, `VENDOR x2`. */
export function groupedPayloads(names: readonly string[]): readonly string[] {
  const groups: { readonly name: string; count: number }[] = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last?.name === name) last.count += 1;
    else groups.push({ name, count: 1 });
  }
  return groups.map(({ name, count }) => (count === 1 ? name : `${name} x${String(count)}`));
}
