import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { ViewMark } from '../../src/core/study-view.js';
import type { Place } from './use-images.js';

/** Keeps a mark, a new one without an id, or takes it back. */
export type SaveMark = (mark: Omit<ViewMark, 'markId'> & { markId?: string }, isWithdrawn: boolean) => Promise<void>;

/** How a reader's own mark is named on the image and in the list. */
export function markLabel(number: number): string {
  return `M${number + 1}`;
}

interface MarkPanelProps {
  marks: readonly ViewMark[];
  goTo: (place: Place) => void;
  save: SaveMark;
}

/** What the reader marked as missed. */
export function MarkPanel({ marks, goTo, save }: MarkPanelProps): VNode {
  return (
    <section class="findings" aria-label="Your marks">
      <article class="marks">
        <h2>Missed by the analysis</h2>
        <p class="detail">Choose "Mark" above and point at it.</p>
      </article>
      {marks.map((mark, number) => (
        <MarkCard mark={mark} name={markLabel(number)} goTo={goTo} save={save} key={mark.markId} />
      ))}
    </section>
  );
}

function MarkCard({ mark, name, goTo, save }: Omit<MarkPanelProps, 'marks'> & { mark: ViewMark; name: string }): VNode {
  const [comment, setComment] = useState(mark.comment);
  return (
    <article class="mark" data-mark={name}>
      <button type="button" class="go" onClick={() => goTo({ stack: mark.stack, index: mark.index })}>
        <strong>{name}</strong> on image {mark.index + 1}
      </button>
      <div class="comment-box">
        <textarea
          aria-label={`Comment on mark ${name}`}
          maxLength={2000}
          rows={2}
          value={comment}
          onInput={({ currentTarget }) => setComment(currentTarget.value)}
        />
        <button
          type="button"
          disabled={comment.trim() === mark.comment}
          onClick={() => save({ ...mark, comment: comment.trim() }, false)}
        >
          Save comment
        </button>
        <button type="button" onClick={() => save(mark, true)}>
          Remove
        </button>
      </div>
    </article>
  );
}
