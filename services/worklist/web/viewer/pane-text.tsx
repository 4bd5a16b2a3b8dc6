import type { VNode } from 'preact';
import type { PaneState } from './image-pane.js';
import type { Place } from './use-images.js';

interface PaneTextProps {
  place: Place;
  count: number;
  state: PaneState | null;
  edges: { left: string; top: string } | null;
  problem: string | null;
}

/** What is written over the image: which one it is, how it is shown, and which side is which. */
export function PaneText({ place, count, state, edges, problem }: PaneTextProps): VNode {
  return (
    <>
      <p class="corner place">
        Image {place.index + 1} of {count}
      </p>
      {state && (
        <p class="corner view">
          W {Math.round(state.window.width)} L {Math.round(state.window.centre)} · {Math.round(state.scale * 100)} %
        </p>
      )}
      {edges && <p class="edge left">{edges.left}</p>}
      {edges && <p class="edge top-edge">{edges.top}</p>}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
