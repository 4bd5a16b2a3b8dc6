import type { Verdict } from '@pce/shared/ports/review-ledger';
import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ViewReview } from '../../src/core/study-view.js';

interface ReviewControlsProps {
  /** What is judged, for those who hear the page: "finding 2". */
  subject: string;
  reviews: readonly ViewReview[];
  /** Null for those who may only look. */
  save: ((verdict: Verdict, comment: string) => Promise<void>) | null;
}

/** Accept, reject and comment, and what was said before. */
export function ReviewControls({ subject, reviews, save }: ReviewControlsProps): VNode {
  const last = reviews.at(0);
  const verdict = last?.verdict ?? 'open';
  const [isOpen, setOpen] = useState(false);
  const [comment, setComment] = useState('');
  const [isBusy, setBusy] = useState(false);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (isOpen) box.current?.focus();
  }, [isOpen]);
  const say = async (next: Verdict) => {
    if (!save) return;
    setBusy(true);
    await save(next, comment.trim());
    setBusy(false);
    if (comment.trim() === '') return;
    setComment('');
    setOpen(false);
  };
  return (
    <div class="review">
      {save && (
        <fieldset class="verdicts">
          <legend class="unseen">Verdict on {subject}</legend>
          <button
            type="button"
            class="accept"
            aria-pressed={verdict === 'accepted'}
            disabled={isBusy}
            onClick={() => say(verdict === 'accepted' ? 'open' : 'accepted')}
          >
            Accept
          </button>
          <button
            type="button"
            class="reject"
            aria-pressed={verdict === 'rejected'}
            disabled={isBusy}
            onClick={() => say(verdict === 'rejected' ? 'open' : 'rejected')}
          >
            Reject
          </button>
          <button type="button" class="comment" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            Comment
          </button>
        </fieldset>
      )}
      {isOpen && (
        <div class="comment-box">
          <textarea
            ref={box}
            aria-label={`Comment on ${subject}`}
            maxLength={2000}
            rows={3}
            value={comment}
            onInput={({ currentTarget }) => setComment(currentTarget.value)}
          />
          <button type="button" disabled={isBusy || comment.trim() === ''} onClick={() => say(verdict)}>
            Save comment
          </button>
        </div>
      )}
      {reviews.length > 0 && (
        <ul class="said">
          {reviews.slice(0, 3).map((review) => (
            <li key={review.at}>
              <span class={`word ${review.verdict}`}>{review.verdict === 'open' ? 'reopened' : review.verdict}</span> by{' '}
              {review.by}, <time dateTime={review.at}>{new Date(review.at).toLocaleString()}</time>
              {review.comment && <q>{review.comment}</q>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
