// Rows and verdicts. A bar that is missed by less than a quarter is shown but does not fail the run: shared machines
// are that noisy.
const tolerance = 0.25;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

const short = (value) => (value >= 1000 ? String(Math.round(value)) : value.toFixed(1));

function verdict(met, goal, failed) {
  if (failed) return 'MISSED';
  if (!met) return 'missed by under 25 %';
  return goal ? 'goal reached' : 'met';
}

// The ratio is the median of the ratios of each round, whose two sides were measured right after one another. Without a
// bar it is told and not judged.
export function ratioRow(figure, ours, peer, theirs, bar = null, goal = null) {
  const ratio = median(ours.map((value, round) => value / theirs[round]));
  const told = [figure, short(median(ours)), peer, short(median(theirs)), `${ratio.toFixed(2)}x`];
  if (bar === null) return { met: null, failed: false, cells: [...told, '', '', 'no bar'] };
  const met = ratio >= bar;
  const failed = ratio <= bar * (1 - tolerance);
  return { met, failed, cells: [...told, `>= ${bar}x`, `${goal}x`, verdict(met, ratio >= goal, failed)] };
}

export function limitRow(figure, values, limit) {
  const value = median(values);
  const met = value < limit;
  const failed = value >= limit * (1 + tolerance);
  return { met, failed, cells: [figure, short(value), '', '', '', `< ${limit}`, '', verdict(met, false, failed)] };
}

export function printTable(rows) {
  const head = ['figure', 'paylink', 'peer', 'theirs', 'ratio', 'bar', 'goal', 'verdict'];
  const lines = [head, ...rows.map((row) => row.cells)];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const [index, line] of lines.entries()) {
    console.log(line.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());
    if (index === 0) console.log(widths.map((width) => '-'.repeat(width)).join('  '));
  }
}
