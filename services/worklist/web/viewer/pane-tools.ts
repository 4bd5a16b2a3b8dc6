import type { Measure, Point } from './draw-overlay.js';
import type { ImagePane, PaneState } from './image-pane.js';

export const TOOLS = ['window', 'scroll', 'zoom', 'pan', 'length', 'mark'] as const;
export type Tool = (typeof TOOLS)[number];

/** What pointers do besides changing the view. */
export interface ToolTargets {
  tool: () => Tool;
  state: () => PaneState | null;
  scroll: (images: number) => void;
  /** A length being drawn, and whether it is done. */
  measuring: (measure: Measure, isDone: boolean) => void;
  /** A place was pointed at. */
  marked: (point: Point) => void;
}

/** Screen pixels of a drag for one image. [design] */
const PX_PER_IMAGE = 8;
/** Screen pixels of a drag that double the size. [design] */
const PX_PER_DOUBLE = 150;
/** Share of the window's width that one screen pixel moves it by. [design] */
const WINDOW_PER_PX = 0.004;
/** Wheel movement for one image; trackpads send small steps. [design] */
const WHEEL_PER_IMAGE = 40;

interface Drag {
  tool: Tool;
  lastX: number;
  lastY: number;
  rest: number;
  from: Point | null;
}

/** Lets mouse, pen and fingers work on a pane: one finger or the left button the chosen tool, two fingers zoom and pan. */
export function addPaneTools(pane: ImagePane, targets: ToolTargets): () => void {
  const { element } = pane;
  const pointers = new Map<number, PointerEvent>();
  let drag: Drag | null = null;
  let wheel = 0;
  const down = (event: PointerEvent) => {
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, event);
    drag = pointers.size === 1 ? startDrag(pane, event, toolOf(event, targets.tool())) : null;
  };
  const move = (event: PointerEvent) => {
    const before = pointers.get(event.pointerId);
    if (!before) return;
    if (pointers.size === 2) pinch(pane, pointers, event);
    pointers.set(event.pointerId, event);
    if (drag) continueDrag(pane, targets, drag, event);
  };
  const up = (event: PointerEvent) => {
    if (drag?.tool === 'length' && drag.from) {
      const to = pane.pixelAt(event);
      if (to) targets.measuring({ from: drag.from, to }, true);
    }
    if (drag?.tool === 'mark' && drag.from) targets.marked(drag.from);
    pointers.delete(event.pointerId);
    drag = null;
  };
  const turn = (event: WheelEvent) => {
    event.preventDefault();
    if (event.ctrlKey) return pane.zoom(2 ** (-event.deltaY / PX_PER_DOUBLE), event);
    wheel += event.deltaY;
    const images = Math.trunc(wheel / WHEEL_PER_IMAGE);
    wheel -= images * WHEEL_PER_IMAGE;
    if (images !== 0) targets.scroll(images);
  };
  const noMenu = (event: Event) => event.preventDefault();
  const end = new AbortController();
  const { signal } = end;
  element.addEventListener('pointerdown', down, { signal });
  element.addEventListener('pointermove', move, { signal });
  element.addEventListener('pointerup', up, { signal });
  element.addEventListener('pointercancel', up, { signal });
  element.addEventListener('wheel', turn, { passive: false, signal });
  element.addEventListener('contextmenu', noMenu, { signal });
  return () => end.abort();
}

/** The right button zooms and the middle one pans, whatever tool is chosen. */
function toolOf({ button }: PointerEvent, chosen: Tool): Tool {
  if (button === 2) return 'zoom';
  return button === 1 ? 'pan' : chosen;
}

function startDrag(pane: ImagePane, event: PointerEvent, tool: Tool): Drag {
  return { tool, lastX: event.clientX, lastY: event.clientY, rest: 0, from: pane.pixelAt(event) };
}

function continueDrag(pane: ImagePane, targets: ToolTargets, drag: Drag, event: PointerEvent): void {
  const [dx, dy] = [event.clientX - drag.lastX, event.clientY - drag.lastY];
  drag.lastX = event.clientX;
  drag.lastY = event.clientY;
  const state = targets.state();
  switch (drag.tool) {
    case 'pan':
      pane.pan(dx, dy);
      return;
    case 'zoom':
      pane.zoom(2 ** (-dy / PX_PER_DOUBLE));
      return;
    case 'window': {
      if (!state) return;
      const { centre, width } = state.window;
      const step = Math.max(1, width) * WINDOW_PER_PX;
      pane.setWindow({ centre: centre + dy * step, width: width + dx * step });
      return;
    }
    case 'scroll': {
      drag.rest += dy;
      const images = Math.trunc(drag.rest / PX_PER_IMAGE);
      drag.rest -= images * PX_PER_IMAGE;
      if (images !== 0) targets.scroll(images);
      return;
    }
    case 'mark':
      return;
    case 'length': {
      const to = pane.pixelAt(event);
      if (drag.from && to) targets.measuring({ from: drag.from, to }, false);
      return;
    }
  }
}

function pinch(pane: ImagePane, pointers: ReadonlyMap<number, PointerEvent>, moved: PointerEvent): void {
  const [first, second] = [...pointers.values()];
  const other = first?.pointerId === moved.pointerId ? second : first;
  const before = pointers.get(moved.pointerId);
  if (!other || !before) return;
  const distance = (event: PointerEvent) => Math.hypot(event.clientX - other.clientX, event.clientY - other.clientY);
  const middle = { clientX: (moved.clientX + other.clientX) / 2, clientY: (moved.clientY + other.clientY) / 2 };
  pane.zoom(distance(moved) / Math.max(1, distance(before)), middle);
  pane.pan((moved.clientX - before.clientX) / 2, (moved.clientY - before.clientY) / 2);
}
