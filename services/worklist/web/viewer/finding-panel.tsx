import type { Verdict } from '@pce/shared/ports/review-ledger';
import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { StudyView, ViewFinding } from '../../src/core/study-view.js';
import { answerText, findingTitle, measurementTexts, placeText, urgencyText } from '../../src/core/wording.js';
import { addressOf } from '../parts/api.js';
import { ReviewControls } from './review-controls.js';

export type SaveReview = (findingId: number | null, verdict: Verdict, comment: string) => Promise<void>;

interface FindingPanelProps {
  view: StudyView;
  chosen: number | null;
  choose: (findingId: number) => void;
  /** Null for those who may only look. */
  save: SaveReview | null;
}

/** What the analysis says, exam first, then finding by finding. */
export function FindingPanel({ view, chosen, choose, save }: FindingPanelProps): VNode {
  const { row, result } = view;
  return (
    <section class="findings" aria-label="Findings">
      <article class="exam">
        <h2>{answerText(row)}</h2>
        {row.reason && <p class="reason">{row.reason}</p>}
        {row.urgency && <p>{urgencyText(row.urgency)}</p>}
        {result && <ExamDetails view={view} result={result} />}
        {result && (
          <ReviewControls
            subject="the exam"
            reviews={result.examReviews}
            save={save && ((verdict, comment) => save(null, verdict, comment))}
          />
        )}
      </article>
      {result?.findings.map((finding) => (
        <FindingCard
          finding={finding}
          picture={pictureOf(view, finding.id)}
          isChosen={finding.id === chosen}
          choose={() => choose(finding.id)}
          save={save && ((verdict, comment) => save(finding.id, verdict, comment))}
          key={finding.id}
        />
      ))}
    </section>
  );
}

function ExamDetails({ view, result }: { view: StudyView; result: NonNullable<StudyView['result']> }): VNode {
  const { row } = view;
  return (
    <>
      <p class="detail">
        {row.probability !== null && `probability ${Math.round(row.probability * 100)} %, `}
        {result.quality && `${result.quality.level} quality, `}
        {result.algorithm.name} {result.algorithm.version}
      </p>
      {[...(result.quality?.remarks ?? []), ...result.partReasons].map((remark) => (
        <p class="remark" key={remark}>
          {remark}
        </p>
      ))}
      {row.isReported && (
        <p>
          <a href={addressOf(`/api/studies/${row.key}/report`)} target="_blank" rel="noreferrer">
            Report as text
          </a>
        </p>
      )}
    </>
  );
}

interface FindingCardProps {
  finding: ViewFinding;
  /** Address of the picture the analysis drew. */
  picture: string | null;
  isChosen: boolean;
  choose: () => void;
  save: ((verdict: Verdict, comment: string) => Promise<void>) | null;
}

function FindingCard({ finding, picture, isChosen, choose, save }: FindingCardProps): VNode {
  const verdict = finding.reviews.at(0)?.verdict ?? 'open';
  const card = useRef<HTMLElement>(null);
  useEffect(() => {
    if (isChosen) card.current?.scrollIntoView({ block: 'nearest' });
  }, [isChosen]);
  return (
    <article ref={card} class={`finding ${verdict}${isChosen ? ' chosen' : ''}`} data-finding={finding.id}>
      <button type="button" class="go" aria-current={isChosen ? 'true' : undefined} onClick={choose}>
        {picture && <img src={picture} alt="" loading="lazy" />}
        <span class="text">
          <strong>
            {finding.id}. {findingTitle(finding)}
          </strong>
          <span>{placeText(finding)}</span>
          <span class="detail">{measurementTexts(finding).join(', ')}</span>
          <span class="detail">
            {finding.morphology}, probability {Math.round(finding.probability * 100)} %
          </span>
        </span>
      </button>
      {finding.reasons.length > 0 && <p class="remark">{finding.reasons.join('; ')}</p>}
      {finding.regions.length === 0 && <p class="remark">Its images are not held any more.</p>}
      <ReviewControls subject={`finding ${finding.id}`} reviews={finding.reviews} save={save} />
    </article>
  );
}

function pictureOf({ row, result }: StudyView, findingId: number): string | null {
  const picture = result?.pictures.find((one) => one.findingId === findingId);
  return picture ? addressOf(`/api/studies/${row.key}/pictures/${picture.number}`) : null;
}
