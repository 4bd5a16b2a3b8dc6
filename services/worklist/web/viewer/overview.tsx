import type { VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { ImageStack } from '../../src/core/image-stacks.js';
import type { ViewFinding } from '../../src/core/study-view.js';
import type { CoronalProjection } from './projection.js';

interface OverviewProps {
  projection: CoronalProjection;
  /** Changes whenever more slices have come. */
  progress: number;
  stack: ImageStack;
  stackNumber: number;
  findings: readonly ViewFinding[];
  chosen: number | null;
  index: number;
  goTo: (index: number) => void;
  choose: (findingId: number) => void;
}

const MARK_COLOUR = '#ffd166';
const CHOSEN_COLOUR = '#ff5d8f';
const LINE_COLOUR = 'rgb(124 196 255 / 80%)';
const MARK_RADIUS_PX = 7;
/** A click this near to a mark means it, screen pixels. [design] */
const REACH_PX = 14;

interface Spot {
  findingId: number;
  column: number;
  index: number;
}

/** The whole chest from the front with every finding on it, and the slice in view as a line. */
export function Overview(props: OverviewProps): VNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { projection, progress, stack, index, findings, chosen } = props;
  const isFeetFirst = stack.isFeetFirst ?? true;
  useEffect(() => {
    if (canvas.current) draw(canvas.current, props, isFeetFirst);
  }, [projection, progress, index, findings, chosen, isFeetFirst]);
  const click = (event: MouseEvent) => {
    const target = canvas.current;
    if (!target || projection.columns === 0) return;
    const scale = target.clientWidth / projection.columns;
    const row = (event.offsetY / target.clientHeight) * projection.slices;
    const at = (rowOfSlice: number) => (isFeetFirst ? projection.slices - 1 - rowOfSlice : rowOfSlice);
    const near = spotsOf(props).find(
      (spot) =>
        Math.hypot(
          (spot.column - event.offsetX / scale) * scale,
          ((at(spot.index) + 0.5 - row) * target.clientHeight) / projection.slices,
        ) < REACH_PX,
    );
    if (near) props.choose(near.findingId);
    else props.goTo(at(Math.min(projection.slices - 1, Math.max(0, Math.floor(row)))));
  };
  const percent = Math.round(projection.progress * 100);
  return (
    <figure class="overview">
      {/* Scrolling and the list of findings do the same for those who use no pointer. */}
      <canvas ref={canvas} onClick={click} aria-label="Largest values seen from the front" role="img" />
      <figcaption>Coronal maximum intensity{percent < 100 ? `, ${percent} % loaded` : ''}</figcaption>
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement, props: OverviewProps, isFeetFirst: boolean): void {
  const { projection, stack, index, chosen } = props;
  const picture = projection.picture(isFeetFirst);
  const context = canvas.getContext('2d');
  if (!picture || !context) return;
  const heightMm = projection.slices * (stack.sliceSpacingMm ?? projection.columnSpacingMm);
  const scale = 2;
  canvas.width = projection.columns * scale;
  canvas.height = Math.max(1, Math.round((heightMm / projection.columnSpacingMm) * scale));
  const source = document.createElement('canvas');
  source.width = picture.width;
  source.height = picture.height;
  source.getContext('2d')?.putImageData(picture, 0, 0);
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  const yOf = (slice: number) =>
    (((isFeetFirst ? projection.slices - 1 - slice : slice) + 0.5) / projection.slices) * canvas.height;
  context.fillStyle = LINE_COLOUR;
  context.fillRect(0, yOf(index) - 1, canvas.width, 2);
  // Drawn in the canvas's own pixels, of which the screen shows fewer.
  const perScreen = canvas.width / Math.max(1, canvas.clientWidth);
  for (const spot of spotsOf(props)) {
    context.strokeStyle = spot.findingId === chosen ? CHOSEN_COLOUR : MARK_COLOUR;
    context.lineWidth = (spot.findingId === chosen ? 3 : 1.5) * perScreen;
    context.beginPath();
    context.arc(spot.column * scale, yOf(spot.index), MARK_RADIUS_PX * perScreen, 0, 2 * Math.PI);
    context.stroke();
  }
}

/** Where findings are in the projection, by the region where each shows best. */
function spotsOf({ findings, stackNumber }: OverviewProps): Spot[] {
  return findings.flatMap(({ id, regions }) => {
    const region = regions.find(({ stack }) => stack === stackNumber);
    if (!region) return [];
    const columns = region.pointsPx.map(([column]) => column);
    return { findingId: id, column: (Math.min(...columns) + Math.max(...columns)) / 2, index: region.index };
  });
}
