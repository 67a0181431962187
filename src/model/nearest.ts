/** The name that a misspelt one was most likely meant to be; undefined where nothing is near. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const wanted = name.slice(0, 64).toLowerCase();
  const ranked = names
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.slice(0, 64).toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best && best.distance <= Math.max(2, Math.floor(wanted.length / 3))) return best.candidate;
  return names.find((candidate) => wanted.length >= 3 && candidate.toLowerCase().includes(wanted));
}

/** "Did you mean `lstm_1`?", or the names there are. `listed`: those to list, where `names` has older ones too. */
export function suggestion(name: string, names: readonly string[], listed = names): string {
  const near = nearest(name, names);
  if (near !== undefined) return `did you mean "${near}"?`;
  const shown = listed.slice(0, 80).join(', ');
  return listed.length === 0 ? 'there are none.' : `there are ${shown}${listed.length > 80 ? ', …' : ''}.`;
}

/** Damerau–Levenshtein distance, transpositions of neighbours counting one. */
function editDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, i) =>
    Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0)),
  );
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      table[i][j] = Math.min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        table[i][j] = Math.min(table[i][j], table[i - 2][j - 2] + 1);
    }
  }
  return table[a.length][b.length];
}
