import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ImageStack } from '../../src/core/image-stacks.js';
import type { StudyView } from '../../src/core/study-view.js';
import type { Point } from './draw-overlay.js';
import { FrameStore } from './frame-store.js';
import { ImagePane, type PaneState } from './image-pane.js';
import { CoronalProjection } from './projection.js';

/** Which image of which series is in view. */
export interface Place {
  stack: number;
  index: number;
}

/** A screen this wide loads a whole series before it is asked for; a phone only what is near. CSS pixels. [design] */
const WIDE_PX = 700;
const NEAR_IMAGES = 20;

/** Fetches and shows the image of a place, and fetches its neighbours. */
export function useImages({ row, stacks }: StudyView, place: Place) {
  const { pane, element, overlay, paneState } = usePane();
  const { projection, progress, frames } = useFrames(row.key, stacks);
  const [shown, setShown] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const shownStack = useRef(-1);
  const look = useRef<{ name: string; at: Point; scale: number } | null>(null);
  const follow = useCallback(
    (name: string) => {
      if (look.current?.name !== name) return;
      pane.current?.centre(look.current.at, look.current.scale);
      look.current = null;
    },
    [pane],
  );
  useEffect(() => {
    const stack = stacks[place.stack];
    const image = stack?.images[place.index];
    if (!stack || !image) return;
    let isCurrent = true;
    const arrive = async () => {
      try {
        const frame = await frames.get(image);
        if (!isCurrent) return;
        pane.current?.show(`${row.key} ${nameOf(place)}`, frame, shownStack.current !== place.stack);
        shownStack.current = place.stack;
        setShown(nameOf(place));
        setProblem(null);
        follow(nameOf(place));
      } catch (error) {
        if (isCurrent) setProblem((error as Error).message);
      }
      if (isCurrent) frames.prefetch(nearFirst(stack.images, place.index));
    };
    void arrive();
    return () => {
      isCurrent = false;
    };
  }, [place, stacks, frames, row.key, follow, pane]);
  /** Brings a point of an image into sight, at once or when the image has come. */
  const lookAt = useCallback(
    (at: Place, point: Point, scale: number) => {
      look.current = { name: nameOf(at), at: point, scale };
      if (shownNow.current === nameOf(at)) follow(nameOf(at));
    },
    [follow],
  );
  const shownNow = useRef('');
  shownNow.current = shown;
  return { element, overlay, pane, paneState, shown, problem, progress, projection, lookAt };
}

/** The pane on the page, and how its image is looked at. */
function usePane() {
  const element = useRef<HTMLDivElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const pane = useRef<ImagePane | null>(null);
  const [paneState, setPaneState] = useState<PaneState | null>(null);
  // Before the effects of what is inside, which need it.
  useLayoutEffect(() => {
    if (!element.current || !overlay.current) return;
    pane.current = new ImagePane(element.current, overlay.current, setPaneState);
    return () => pane.current?.close();
  }, []);
  return { element, overlay, pane, paneState };
}

/** The images of a study as they come, and the overview they add up to. */
function useFrames(studyKey: string, stacks: readonly ImageStack[]) {
  const [progress, setProgress] = useState(0);
  const projections = useMemo(() => stacks.map(({ images }) => new CoronalProjection(images.length)), [stacks]);
  const frames = useMemo(
    () =>
      new FrameStore(studyKey, (image, frame) => {
        for (const [number, { modality, images }] of stacks.entries()) {
          const index = images.indexOf(image);
          if (index < 0 || modality !== 'CT') continue;
          projections[number]?.add(index, frame);
          setProgress((before) => before + 1);
        }
      }),
    [studyKey, stacks, projections],
  );
  return { frames, projection: (stack: number) => projections[stack] ?? new CoronalProjection(0), progress };
}

/** What an image in view is called, for the page and for tests. */
function nameOf({ stack, index }: Place): string {
  return `${stack}/${index}`;
}

/** Images by their distance from the one in view; few on a small screen. */
function nearFirst<T>(images: readonly T[], index: number): T[] {
  const reach = innerWidth >= WIDE_PX ? images.length : NEAR_IMAGES;
  const near: T[] = [];
  for (let distance = 1; distance <= reach; distance += 1) {
    for (const image of [images[index + distance], images[index - distance]]) if (image) near.push(image);
  }
  return near;
}
