import type { VNode } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { StudyView } from '../../src/core/study-view.js';
import type { WorklistRow } from '../../src/core/worklist-row.js';
import { addressOf, getJson, postJson, RequestError, type Visitor } from '../parts/api.js';
import { Shell, show } from '../parts/shell.js';
import type { SaveReview } from '../viewer/finding-panel.js';
import type { SaveMark } from '../viewer/mark-panel.js';
import { Viewer } from '../viewer/viewer.js';

/** The key is the last part of the page's address. */
const STUDY = `/api/studies/${encodeURIComponent(location.pathname.split('/').at(-1) ?? '')}`;

function ViewerPage({ who }: { who: Visitor }): VNode {
  const [view, setView] = useState<StudyView | null>(null);
  const [problem, setProblem] = useState('');
  const load = useCallback(
    () =>
      getJson<StudyView>(STUDY).then(
        (next) => setView((before) => (before ? withKnownImages(before, next) : next)),
        (error: Error) => setProblem(error.message),
      ),
    [],
  );
  useEffect(() => {
    void load();
    return followChanges(load);
  }, [load]);
  const send = async (path: string, body: unknown) => {
    try {
      await postJson(STUDY + path, body);
      setProblem('');
    } catch (error) {
      setProblem(error instanceof RequestError ? `Not saved: ${error.message}.` : 'Not saved.');
    }
    await load();
  };
  const review: SaveReview = async (findingId, verdict, comment) => {
    if (!view?.result) return;
    await send('/reviews', { reviewId: newUuid(), resultId: view.result.resultId, findingId, verdict, comment });
  };
  const mark: SaveMark = async ({ markId = newUuid(), stack, index, pointPx, comment }, isWithdrawn) => {
    const image = view?.stacks[stack]?.images[index];
    if (!view?.result || !image) return;
    await send('/marks', { markId, resultId: view.result.resultId, ...image, pointPx, comment, isWithdrawn });
  };
  const mayReview = who.permissions.includes('review-findings');
  return (
    <Shell who={who} path="/studies" isFull>
      <div class="study-head">
        <a href={addressOf('')} title="Back to the worklist (Escape)">
          ← Worklist
        </a>
        {view && <Person row={view.row} />}
        {problem && <p role="alert">{problem}</p>}
      </div>
      {view && <Viewer view={view} save={mayReview ? review : null} saveMark={mayReview ? mark : null} />}
    </Shell>
  );
}

function Person({ row }: { row: WorklistRow }): VNode {
  const details = [row.patientId, row.sex, row.birthDate && `born ${row.birthDate}`, row.studyDate, row.description];
  return (
    <h1>
      {row.patientName || 'Without a name'} <span class="detail">{details.filter(Boolean).join(' · ')}</span>
    </h1>
  );
}

/** Images already at hand are known by the list they are in: a review changes no image. */
function withKnownImages(before: StudyView, next: StudyView): StudyView {
  const isSame = JSON.stringify(before.stacks) === JSON.stringify(next.stacks);
  return isSame ? { ...next, stacks: before.stacks } : next;
}

/** Loads again when somebody else, or the analysis, changes the study. */
function followChanges(load: () => void): () => void {
  const events = new EventSource(addressOf('/api/events'));
  events.addEventListener('rows', ({ data }) => {
    if ((JSON.parse(data) as WorklistRow[]).some(({ key }) => STUDY.endsWith(key))) load();
  });
  return () => events.close();
}

/** A random UUID; the browser's own function is for TLS and this machine only. Source: RFC 9562 section 5.4. */
function newUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

await show((who) => <ViewerPage who={who} />, 'view-studies');
