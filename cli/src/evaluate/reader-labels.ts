import type { Label } from '../review/label.js';
import { cohensKappa, fleissKappa, type Kappa } from './kappa.js';
import { type Proportion, proportion } from './proportion.js';
import type { TrueExam } from './truth-set.js';

/** What one reader said. */
export interface ReaderSummary {
  readonly reader: string;
  /** Exams whose answer the reader took, of those judged. */
  readonly examsAccepted: Proportion;
  readonly findingsAccepted: Proportion;
  readonly marksAdded: number;
  /** Of all the reader took for real, accepted or marked, what the software had. */
  readonly foundBySoftware: Proportion;
}

export interface ReaderAgreement {
  readonly readers: readonly ReaderSummary[];
  readonly pairs: readonly { readonly readers: string; readonly exams: Kappa; readonly findings: Kappa }[];
  /** Of all readers over the exams each of them judged; null with fewer than three. */
  readonly allExams: Kappa | null;
}

type Presence = 'present' | 'absent';

/** What readers say, and how far they say the same. */
export function readerAgreement(labels: readonly Label[]): ReaderAgreement {
  const readers = [...new Set(labels.map(({ reader }) => reader))].sort();
  const verdicts = new Map(readers.map((reader) => [reader, lastVerdicts(labels, reader)]));
  const exams = new Map(readers.map((reader) => [reader, presences(verdicts.get(reader)!)]));
  const findings = new Map(readers.map((reader) => [reader, findingWords(verdicts.get(reader)!)]));
  const pairs = readers.flatMap((first, index) =>
    readers.slice(index + 1).map((second) => ({
      readers: `${first} and ${second}`,
      exams: cohensKappa(both(exams.get(first)!, exams.get(second)!)),
      findings: cohensKappa(both(findings.get(first)!, findings.get(second)!)),
    })),
  );
  return {
    readers: readers.map((reader) => summarise(reader, verdicts.get(reader)!, labels)),
    pairs,
    allExams: readers.length < 3 ? null : fleissKappa(byAll([...exams.values()])),
  };
}

/**
 * Truth of the exams by most of their readers; a tie says nothing, and so does a judgement of "undetermined". Without
 * places: for the figures by exam only.
 */
export function examsFromLabels(labels: readonly Label[]): TrueExam[] {
  const votes = new Map<string, Presence[]>();
  for (const reader of new Set(labels.map((label) => label.reader))) {
    for (const [study, presence] of presences(lastVerdicts(labels, reader))) {
      votes.set(study, [...(votes.get(study) ?? []), presence]);
    }
  }
  return [...votes].flatMap(([studyInstanceUid, said]): TrueExam[] => {
    const lead = said.filter((one) => one === 'present').length * 2 - said.length;
    if (lead === 0) return [];
    const nothing = { sliceSpacingMm: null, pixelSpacingMm: null, images: new Map(), lesions: [], subgroups: [] };
    return [{ studyInstanceUid, patient: studyInstanceUid, isPositive: lead > 0, ...nothing }];
  });
}

/** The last label of each exam and finding, those taken back left out, by "study" or "study/finding". */
function lastVerdicts(labels: readonly Label[], reader: string): Map<string, Label> {
  const last = new Map<string, Label>();
  const own = labels.filter((label) => label.reader === reader && label.subject !== 'mark');
  for (const label of [...own].sort((a, b) => (a.labelled_at < b.labelled_at ? -1 : 1))) {
    const name =
      label.subject === 'exam' ? label.study_instance_uid : `${label.study_instance_uid}/${label.finding_id}`;
    if (label.label === 'open') last.delete(name);
    else last.set(name, label);
  }
  return last;
}

/** What the reader says of each exam: the software's answer where they took it, the other one where not. */
function presences(verdicts: ReadonlyMap<string, Label>): Map<string, Presence> {
  const said = new Map<string, Presence>();
  for (const { subject, presence, label, study_instance_uid: study } of verdicts.values()) {
    if (subject !== 'exam' || (presence !== 'present' && presence !== 'absent')) continue;
    said.set(study, (label === 'accepted') === (presence === 'present') ? 'present' : 'absent');
  }
  return said;
}

function findingWords(verdicts: ReadonlyMap<string, Label>): Map<string, string> {
  return new Map(
    [...verdicts].filter(([, { subject }]) => subject === 'finding').map(([name, { label }]) => [name, label]),
  );
}

function both(first: ReadonlyMap<string, string>, second: ReadonlyMap<string, string>): [string, string][] {
  return [...first].flatMap(([name, said]) => {
    const other = second.get(name);
    return other === undefined ? [] : [[said, other] as [string, string]];
  });
}

function byAll(readers: readonly ReadonlyMap<string, string>[]): string[][] {
  const [first, ...others] = readers;
  const names = [...(first?.keys() ?? [])].filter((name) => others.every((other) => other.has(name)));
  return names.map((name) => readers.map((reader) => reader.get(name)!));
}

function summarise(reader: string, verdicts: ReadonlyMap<string, Label>, labels: readonly Label[]): ReaderSummary {
  const of = (subject: Label['subject']): Proportion => {
    const own = [...verdicts.values()].filter((label) => label.subject === subject);
    return proportion(own.filter(({ label }) => label === 'accepted').length, own.length);
  };
  const marksAdded = labels.filter((one) => one.reader === reader && one.label === 'added').length;
  const findingsAccepted = of('finding');
  return {
    reader,
    examsAccepted: of('exam'),
    findingsAccepted,
    marksAdded,
    foundBySoftware: proportion(findingsAccepted.hits, findingsAccepted.hits + marksAdded),
  };
}
