import type { VNode } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { StudyView, ViewFinding, ViewMark } from '../../src/core/study-view.js';
import type { Mark, Point } from './draw-overlay.js';
import { FindingPanel, type SaveReview } from './finding-panel.js';
import { MarkPanel, markLabel, type SaveMark } from './mark-panel.js';
import { Overview } from './overview.js';
import { PaneText } from './pane-text.js';
import { addPaneTools, type Tool } from './pane-tools.js';
import { Toolbar } from './toolbar.js';
import { type Place, useImages } from './use-images.js';
import { useLengths } from './use-lengths.js';
import { useViewerKeys } from './use-viewer-keys.js';

/** A finding is enlarged to this at least, screen pixels per pixel of the image. [design] */
const FINDING_SCALE = 1.5;
/** Fewer slices make no overview. */
const LEAST_SLICES = 8;
const NO_FINDINGS: ViewFinding[] = [];
const NO_MARKS: ViewMark[] = [];

interface ViewerProps {
  view: StudyView;
  /** Null for those who may only look. */
  save: SaveReview | null;
  saveMark: SaveMark | null;
}

/** The images of a study with the findings beside them. */
export function Viewer({ view, save, saveMark }: ViewerProps): VNode {
  const { stacks } = view;
  const findings = view.result?.findings ?? NO_FINDINGS;
  const [place, setPlace] = useState<Place>(() => firstPlace(view));
  const [chosen, setChosen] = useState<number | null>(null);
  const images = useImages(view, place);
  const scroll = useCallback(
    (by: number) =>
      setPlace((now) => ({ ...now, index: clamp(now.index + by, stacks[now.stack]?.images.length ?? 1) })),
    [stacks],
  );
  const { lookAt } = images;
  const choose = useCallback(
    (findingId: number) => {
      setChosen(findingId);
      const region = findings.find(({ id }) => id === findingId)?.regions.at(0);
      if (!region) return;
      const at = { stack: region.stack, index: region.index };
      setPlace(at);
      lookAt(at, middleOf(region.pointsPx), FINDING_SCALE);
    },
    [findings, lookAt],
  );
  const stack = stacks[place.stack];
  const hasOverview = stack?.modality === 'CT' && stack.images.length >= LEAST_SLICES;
  return (
    <div class="viewer">
      <Stage {...{ view, place, setPlace, images, scroll, chosen, choose, save, saveMark }} />
      <aside>
        {hasOverview && (
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
        {view.marks && saveMark && <MarkPanel marks={view.marks} goTo={setPlace} save={saveMark} />}
      </aside>
    </div>
  );
}

interface StageProps extends ViewerProps {
  place: Place;
  setPlace: (place: Place) => void;
  images: ReturnType<typeof useImages>;
  scroll: (images: number) => void;
  chosen: number | null;
  choose: (findingId: number) => void;
}

/** The image in view with its tools. */
function Stage({ view, place, setPlace, images, scroll, chosen, choose, save, saveMark }: StageProps): VNode {
  const { stacks } = view;
  const { pane, paneState } = images;
  const findings = view.result?.findings ?? NO_FINDINGS;
  const [tool, setTool] = useState<Tool>(matchMedia('(pointer: coarse)').matches ? 'scroll' : 'window');
  const name = `${place.stack}/${place.index}`;
  const { measuring, clear, hasLengths } = useLengths(pane, name, paneState);
  const own = view.marks ?? NO_MARKS;
  const canMark = view.marks !== null && saveMark !== null;
  const marks = useMemo(
    () => [...marksOf(findings, place, chosen), ...ownMarks(own, place)],
    [findings, own, place, chosen],
  );
  useEffect(() => {
    pane.current?.mark(marks);
  }, [pane, marks]);
  const latest = useRef({ tool, scroll, name, paneState, place, saveMark });
  latest.current = { tool, scroll, name, paneState, place, saveMark };
  useEffect(() => {
    if (!pane.current) return;
    return addPaneTools(pane.current, {
      tool: () => latest.current.tool,
      state: () => latest.current.paneState,
      scroll: (by) => latest.current.scroll(by),
      measuring: (measure, isDone) => measuring(measure, isDone, latest.current.name),
      marked: (pointPx) => void latest.current.saveMark?.({ ...latest.current.place, pointPx, comment: '' }, false),
    });
  }, [pane, measuring]);
  useViewerKeys({ pane, findings, chosen, choose, scroll, setTool, save, clear, canMark });
  const count = stacks[place.stack]?.images.length ?? 0;
  return (
    <div class="stage">
      <Toolbar
        stacks={stacks}
        stack={place.stack}
        chooseStack={(stack) => setPlace({ stack, index: middleIndex(stacks[stack]?.images.length ?? 1) })}
        tool={tool}
        chooseTool={setTool}
        isCt={stacks[place.stack]?.modality === 'CT'}
        canMark={canMark}
        setWindow={(window) => pane.current?.setWindow(window)}
        invert={() => pane.current?.invert()}
        isInverted={paneState?.isInverted ?? false}
        reset={() => pane.current?.reset()}
        clearLengths={hasLengths ? clear : null}
      />
      <div class="pane">
        <div class={`image ${tool}`} ref={images.element} data-image={images.shown} />
        <canvas class="marks" ref={images.overlay} />
        <PaneText
          place={place}
          count={count}
          state={paneState}
          edges={paneState ? (pane.current?.frame?.info.edges ?? null) : null}
          problem={count > 0 ? images.problem : 'No image of this study is held.'}
        />
      </div>
      {count > 1 && (
        <input
          class="slider"
          type="range"
          aria-label="Image of the series"
          min={1}
          max={count}
          value={place.index + 1}
          onInput={({ currentTarget }) => setPlace({ ...place, index: Number(currentTarget.value) - 1 })}
        />
      )}
    </div>
  );
}

function marksOf(findings: readonly ViewFinding[], place: Place, chosen: number | null): Mark[] {
  return findings.flatMap(({ id, regions }) =>
    regions
      .filter((region) => region.stack === place.stack && region.index === place.index)
      .map((region) => ({ label: String(id), region, isChosen: id === chosen })),
  );
}

function ownMarks(marks: readonly ViewMark[], place: Place): Mark[] {
  return marks.flatMap(({ stack, index, pointPx }, number) => {
    if (stack !== place.stack || index !== place.index) return [];
    return { label: markLabel(number), region: { purpose: 'centre', pointsPx: [pointPx] }, isChosen: true };
  });
}

/** Where there is something to see: the first finding, else the middle of the first series. */
function firstPlace({ stacks, result }: StudyView): Place {
  const region = result?.findings.flatMap(({ regions }) => regions).at(0);
  if (region) return { stack: region.stack, index: region.index };
  return { stack: 0, index: middleIndex(stacks[0]?.images.length ?? 1) };
}

function middleOf(points: readonly Point[]): Point {
  const middle = (values: number[]) => (Math.min(...values) + Math.max(...values)) / 2;
  return [middle(points.map(([x]) => x)), middle(points.map(([, y]) => y))];
}

function clamp(index: number, count: number): number {
  return Math.min(count - 1, Math.max(0, index));
}

function middleIndex(count: number): number {
  return Math.floor(count / 2);
}
