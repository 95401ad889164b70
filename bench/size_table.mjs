// One line a figure, its sizes side by side; what it grows by is compared within a round.
import { median } from './table.mjs';

const tolerance = 0.25; // as in table.mjs

const milliseconds = (us) => {
  const ms = us / 1000;
  return ms >= 100 ? ms.toFixed(0) : ms >= 10 ? ms.toFixed(1) : ms.toFixed(2);
};

const medianOf = (taken, member) => median(taken.map((figures) => figures[member]));

function judge(value, bar, goal, isLess) {
  const met = isLess ? value <= bar : value >= bar;
  const failed = isLess ? value > bar * (1 + tolerance) : value < bar * (1 - tolerance);
  const reached = isLess ? value <= goal : value >= goal;
  return { failed, word: failed ? 'MISSED' : !met ? 'missed by under 25 %' : reached ? 'goal reached' : 'met' };
}

// What a figure is held against: words, bar and verdict.
function verdict(figure, first, last) {
  const ratio = (member) => median(last.map((figures, round) => figures[member] / first[round][member]));
  if (figure.bar) {
    return { grows: `${ratio('p50_us').toFixed(2)}x`, bar: `p50 <= ${figure.bar}x`,
      ...judge(ratio('p50_us'), figure.bar, figure.goal, true) };
  }
  if (figure.rate) {
    return { grows: `${ratio('per_second').toFixed(2)}x per s`, bar: `>= ${figure.rate}x per s`,
      ...judge(ratio('per_second'), figure.rate, figure.rateGoal, false) };
  }
  if (figure.isFlat) {
    const slower = medianOf(last, 'slower');
    return { grows: `${ratio('p50_us').toFixed(2)}x`, bar: `its end <= 1.5x its start: ${slower.toFixed(2)}x`,
      ...judge(slower, 1.5, 1.2, true) };
  }
  if (figure.limit) {
    const highest = Math.max(...last.map((figures) => figures.max_us)) / 1000;
    return { grows: `${ratio('p50_us').toFixed(2)}x`, bar: `slowest <= ${figure.limit} ms: ${highest.toFixed(0)} ms`,
      ...judge(highest, figure.limit, figure.limit, true) };
  }
  if (figure.moves) {
    const moved = medianOf(last, 'moved');
    return { grows: `${ratio('p50_us').toFixed(2)}x`, bar: `p99 moved <= ${figure.moves}x: ${moved.toFixed(2)}x`,
      ...judge(moved, figure.moves, figure.moves, true) };
  }
  return { grows: `${ratio('p50_us').toFixed(2)}x`, bar: '', failed: false, word: '' };
}

// True when a bar is missed by a quarter or more.
export function printSizes(sites, measured, title) {
  const head = [title, ...sites.map((site) => `${site.installation.name} p50`),
    ...sites.map((site) => `${site.installation.name} p99`), 'grows', 'bar', 'verdict'];
  let failed = false;
  const rows = measured.map((figure) => {
    const taken = sites.map((site) => site.figures.get(figure));
    const found = verdict(figure, taken.at(0), taken.at(-1));
    failed ||= found.failed;
    return [figure.name, ...taken.map((each) => milliseconds(medianOf(each, 'p50_us'))),
      ...taken.map((each) => milliseconds(medianOf(each, 'p99_us'))), found.grows, found.bar, found.word];
  });
  const lines = [head, head.map(() => ''), ...rows];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const [at, line] of lines.entries()) {
    if (at === 1) console.log(widths.map((width) => '-'.repeat(width)).join('  '));
    else console.log(line.map((cell, column) => cell.padEnd(widths[column])).join('  ').trimEnd());
  }
  console.log();
  return failed;
}
