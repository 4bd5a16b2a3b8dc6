import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { StudyView } from '../../src/core/study-view.js';
import type { Mark, Measure } from './draw-overlay.js';
import { FindingPanel, type SaveReview } from './finding-panel.js';
import { FrameStore } from './frame-store.js';
import { ImagePane, type PaneState } from './image-pane.js';
import { Overview } from './overview.js';
import { addPaneTools, type Tool } from './pane-tools.js';
import { CoronalProjection } from './projection.js';
import { Toolbar } from './toolbar.js';
import { useViewerKeys } from './use-viewer-keys.js';

/** A screen this wide loads a whole series before it is asked for; a phone only what is near. CSS pixels. [design] */
const WIDE_PX = 700;
const NEAR_IMAGES = 20;
/** A finding is enlarged to this at least, screen pixels per pixel of the image. [design] */
const FINDING_SCALE = 1.5;
/** Fewer slices make no overview. */
const LEAST_SLICES = 8;

interface ViewerProps {
  view: StudyView;
  save: SaveReview | null;
}

interface Place {
  stack: number;
  index: number;
}

/** The images of a study with the findings beside them. */
export function Viewer({ view, save }: ViewerProps): VNode {
  const { stacks, result } = view;
  const [place, setPlace] = useState<Place>(() => firstPlace(view));
  const [chosen, setChosen] = useState<number | null>(null);
  const [tool, setTool] = useState<Tool>(matchMedia('(pointer: coarse)').matches ? 'scroll' : 'window');
  const [lengths, setLengths] = useState<ReadonlyMap<string, Measure[]>>(new Map());
  const [drawn, setDrawn] = useState<Measure | null>(null);
  const stack = stacks[place.stack];
  const findings = useMemo(() => result?.findings ?? [], [result]);
  const images = useImages(view, place);
  const { pane, paneState } = images;
  const name = `${place.stack} ${place.index}`;
  const scroll = useCallback(
    (by: number) =>
      setPlace((now) => ({ ...now, index: clamp(now.index + by, stacks[now.stack]?.images.length ?? 1) })),
    [stacks],
  );
  const choose = useCallback(
    (findingId: number) => {
      setChosen(findingId);
      const region = findings.find(({ id }) => id === findingId)?.regions.at(0);
      if (!region) return;
      setPlace({ stack: region.stack, index: region.index });
      images.lookAt({ stack: region.stack, index: region.index }, middleOf(region.pointsPx), FINDING_SCALE);
    },
    [findings, images.lookAt],
  );
  useEffect(() => {
    const marks: Mark[] = findings.flatMap(({ id, regions }) =>
      regions
        .filter((region) => region.stack === place.stack && region.index === place.index)
        .map((region) => ({ findingId: id, region, isChosen: id === chosen })),
    );
    pane.current?.mark(marks);
  }, [findings, place, chosen, paneState]);
  useEffect(() => {
    pane.current?.measure([...(lengths.get(name) ?? []), ...(drawn ? [drawn] : [])]);
  }, [lengths, drawn, name, paneState]);
  const latest = useRef({ tool, scroll, name, paneState });
  latest.current = { tool, scroll, name, paneState };
  useEffect(() => {
    if (!pane.current) return;
    return addPaneTools(pane.current, {
      tool: () => latest.current.tool,
      state: () => latest.current.paneState,
      scroll: (by) => latest.current.scroll(by),
      measuring: (measure, isDone) => {
        setDrawn(isDone ? null : measure);
        const at = latest.current.name;
        if (isDone) setLengths((known) => new Map([...known, [at, [...(known.get(at) ?? []), measure]]]));
      },
    });
  }, []);
  useViewerKeys({ pane, findings, chosen, choose, scroll, setTool, save, clear: () => setLengths(new Map()) });
  const isCt = stack?.modality === 'CT';
  return (
    <div class="viewer">
      <div class="stage">
        <Toolbar
          stacks={stacks}
          stack={place.stack}
          chooseStack={(next) => setPlace({ stack: next, index: middleIndex(stacks[next]?.images.length ?? 1) })}
          tool={tool}
          chooseTool={setTool}
          isCt={isCt}
          setWindow={(window) => pane.current?.setWindow(window)}
          invert={() => pane.current?.invert()}
          isInverted={paneState?.isInverted ?? false}
          reset={() => pane.current?.reset()}
          clearLengths={lengths.size > 0 ? () => setLengths(new Map()) : null}
        />
        <div class="pane">
          <div class={`image ${tool}`} ref={images.element} data-image={images.shown} />
          <canvas class="marks" ref={images.overlay} />
          <PaneText
            place={place}
            count={stack?.images.length ?? 0}
            state={paneState}
            edges={images.edges}
            problem={stack ? images.problem : 'No image of this study is held.'}
          />
        </div>
        {(stack?.images.length ?? 0) > 1 && (
          <input
            class="slider"
            type="range"
            aria-label="Image of the series"
            min={1}
            max={stack?.images.length}
            value={place.index + 1}
            onInput={({ currentTarget }) => setPlace({ ...place, index: Number(currentTarget.value) - 1 })}
          />
        )}
      </div>
      <aside>
        {isCt && stack && stack.images.length >= LEAST_SLICES && (
          <Overview
            projection={images.projection(place.stack)}
            progress={images.progress}
            stack={stack}
            stackNumber={place.stack}
            findings={findings}
            chosen={chosen}
            index={place.index}
            goTo={(index) => setPlace({ ...place, index })}
            choose={choose}
          />
        )}
        <FindingPanel view={view} chosen={chosen} choose={choose} save={save} />
      </aside>
    </div>
  );
}

/** Fetches and shows the image of a place, and fetches its neighbours. */
function useImages({ row, stacks }: StudyView, place: Place) {
  const element = useRef<HTMLDivElement>(null);
  const overlay = useRef<HTMLCanvasElement>(null);
  const pane = useRef<ImagePane | null>(null);
  const [paneState, setPaneState] = useState<PaneState | null>(null);
  const [shown, setShown] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [progress, setProgress] = useState(0);
  const shownStack = useRef(-1);
  const look = useRef<{ place: Place; at: [number, number]; scale: number } | null>(null);
  const projections = useRef(new Map<number, CoronalProjection>());
  const projection = useCallback(
    (stack: number) => {
      const known = projections.current.get(stack) ?? new CoronalProjection(stacks[stack]?.images.length ?? 0);
      projections.current.set(stack, known);
      return known;
    },
    [stacks],
  );
  const frames = useMemo(
    () =>
      new FrameStore(row.key, (image, frame) => {
        for (const [number, stack] of stacks.entries()) {
          const index = stack.images.indexOf(image);
          if (index < 0 || stack.modality !== 'CT') continue;
          projection(number).add(index, frame);
          setProgress((before) => before + 1);
        }
      }),
    [row.key, stacks, projection],
  );
  useEffect(() => {
    if (!element.current || !overlay.current) return;
    pane.current = new ImagePane(element.current, overlay.current, setPaneState);
    return () => pane.current?.close();
  }, []);
  const followLook = useCallback((at: Place) => {
    const asked = look.current;
    if (!asked || asked.place.stack !== at.stack || asked.place.index !== at.index) return;
    look.current = null;
    pane.current?.centre(asked.at, asked.scale);
  }, []);
  useEffect(() => {
    const stack = stacks[place.stack];
    const image = stack?.images[place.index];
    if (!stack || !image) return;
    let isCurrent = true;
    const arrive = async () => {
      try {
        const frame = await frames.get(image);
        if (!isCurrent) return;
        pane.current?.show(`${row.key} ${place.stack} ${place.index}`, frame, shownStack.current !== place.stack);
        shownStack.current = place.stack;
        setShown(`${place.stack}/${place.index}`);
        setProblem(null);
        followLook(place);
      } catch (error) {
        if (isCurrent) setProblem((error as Error).message);
      }
      frames.prefetch(nearFirst(stack.images, place.index));
    };
    void arrive();
    return () => {
      isCurrent = false;
    };
  }, [place, stacks, frames, row.key, followLook]);
  /** Once the image of a place is shown, brings a point of it to the middle. */
  const lookAt = useCallback(
    (at: Place, point: [number, number], scale: number) => {
      look.current = { place: at, at: point, scale };
      if (shownRef.current === `${at.stack}/${at.index}`) followLook(at);
    },
    [followLook],
  );
  const shownRef = useRef('');
  shownRef.current = shown;
  const edges = paneState ? (pane.current?.frame?.info.edges ?? null) : null;
  return { element, overlay, pane, paneState, shown, problem, progress, projection, lookAt, edges };
}

interface PaneTextProps {
  place: Place;
  count: number;
  state: PaneState | null;
  edges: { left: string; top: string } | null;
  problem: string | null;
}

/** What is written over the image: which one it is, how it is shown, and which side is which. */
function PaneText({ place, count, state, edges, problem }: PaneTextProps): VNode {
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

/** Images by their distance from the one in view; few on a small screen. */
function nearFirst<T>(images: readonly T[], index: number): T[] {
  const reach = innerWidth >= WIDE_PX ? images.length : NEAR_IMAGES;
  const near: T[] = [];
  for (let distance = 1; distance <= reach; distance += 1) {
    for (const image of [images[index + distance], images[index - distance]]) if (image) near.push(image);
  }
  return near;
}

function middleOf(points: readonly [number, number][]): [number, number] {
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return [middle(points.map(([x]) => x)), middle(points.map(([, y]) => y))];
}

function clamp(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}

/** Where there is something to see: the first finding, else the middle of the first series. */
function firstPlace({ stacks, result }: StudyView): Place {
  const region = result?.findings.flatMap(({ regions }) => regions).at(0);
  return region
    ? { stack: region.stack, index: region.index }
    : { stack: 0, index: middleIndex(stacks[0]?.images.length ?? 1) };
}

function middleIndex(count: number): number {
  return Math.floor(count / 2);
}
