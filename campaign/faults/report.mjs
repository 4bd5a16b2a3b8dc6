const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))];

/**
 * Whether nothing was lost, doubled, stuck, set aside or wrong, no process ended by itself, every fault passed, and what
 * was planted was noticed.
 */
export function isClean({ faults, crashes, struck, planted = [] }) {
  const isReady = struck.every(({ readyAfterMs }) => readyAfterMs !== null);
  const isSeeing = planted.every(({ isNoticed }) => isNoticed);
  return isReady && isSeeing && crashes.length === 0 && Object.values(faults).every((list) => list.length === 0);
}

/** The report as text. */
export function printReport(report) {
  const { seed, form, studies, seconds, sender, figures, faults, struck, crashes, leftOut, askedBack } = report;
  const lines = [
    `seed ${seed}, ${form}${report.isEndedEarly ? ', ended early' : ''}: ${studies} studies, ${struck.length} faults, ${Math.round(seconds.sending)} s sending, ${Math.round(seconds.draining)} s until nothing was left to do`,
    `${figures.acknowledged} images acknowledged; ${sender.sendings} sendings, ${sender.failedSendings} of them cut short or refused and sent again`,
    `${sender.duplicates} images sent twice in a burst, ${sender.lateImages} late images, ${sender.resentStudies} studies sent again; ${askedBack} images asked back on the way`,
    `${figures.reports} reports at the PACS, ${figures.superseded} of them superseded (${figures.supersededByInterruption} because sending was cut short)`,
    '',
    'fault                              times  ready again after, ms: median, 95 %, longest',
    ...byKind(struck),
    ...Object.entries(leftOut).map(([kind, reason]) => `${kind.padEnd(34)} left out: ${reason}`),
    '',
    Object.entries(faults)
      .map(([name, list]) => `${name} ${list.length}`)
      .join(', '),
  ];
  for (const [name, list] of Object.entries(faults)) lines.push(...list.map((one) => `FAULT ${name}: ${one}`));
  for (const { what, kind, isNoticed } of report.planted ?? []) {
    lines.push(`planted: ${what}: ${isNoticed ? `noticed as ${kind}` : `FAULT not noticed as ${kind}`}`);
  }
  for (const { name, code, signal, lastLines } of crashes) {
    lines.push(`FAULT ${name} ended by itself: code ${code}, signal ${signal}: ${lastLines.slice(-600)}`);
  }
  return lines.join('\n');
}

function byKind(struck) {
  const kinds = new Map();
  for (const { kind, readyAfterMs } of struck) kinds.set(kind, [...(kinds.get(kind) ?? []), readyAfterMs ?? Infinity]);
  return [...kinds].sort().map(([kind, times]) => {
    times.sort((a, b) => a - b);
    const shown = [quantile(times, 0.5), quantile(times, 0.95), times.at(-1)].map((ms) => `${ms}`.padStart(6));
    return `${kind.padEnd(34)} ${`${times.length}`.padStart(5)}  ${shown.join(' ')}`;
  });
}
