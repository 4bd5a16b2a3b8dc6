import * as cornerstone from 'cornerstone-core';
import { cornerstoneImage } from './cornerstone-image.js';
import { drawOverlay, type Mark, type Measure, type Point } from './draw-overlay.js';
import type { Frame } from './frame-store.js';

export interface WindowSetting {
  centre: number;
  width: number;
}

/** How the image is looked at now. */
export interface PaneState {
  window: WindowSetting;
  isInverted: boolean;
  scale: number;
}

/** Half of the part of the screen where a finding need not be moved. [design] */
const INNER_HALF = 0.38;
const SCALE_RANGE = { least: 0.05, most: 40 };

/** One image on the screen, with marks over it. */
export class ImagePane {
  readonly element: HTMLElement;
  readonly #overlay: HTMLCanvasElement;
  readonly #changed: (state: PaneState) => void;
  readonly #resize: ResizeObserver;
  #frame: Frame | null = null;
  #marks: readonly Mark[] = [];
  #measures: readonly Measure[] = [];

  /** @param changed told whenever something else is to be seen */
  constructor(element: HTMLElement, overlay: HTMLCanvasElement, changed: (state: PaneState) => void) {
    this.element = element;
    this.#overlay = overlay;
    this.#changed = changed;
    cornerstone.enable(element);
    element.addEventListener('cornerstoneimagerendered', () => this.#rendered());
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(element);
  }

  get frame(): Frame | null {
    return this.#frame;
  }

  /** Pixels of the screen for one of the image; null before there is an image. */
  get scale(): number | null {
    return this.#frame ? (cornerstone.getViewport(this.element)?.scale ?? null) : null;
  }

  /** Shows an image. @param isNewStack starts from the image's own window and size; else both stay */
  show(name: string, frame: Frame, isNewStack: boolean): void {
    const before = isNewStack ? undefined : cornerstone.getViewport(this.element);
    this.#frame = frame;
    cornerstone.displayImage(this.element, cornerstoneImage(name, frame), before);
    if (isNewStack) this.reset();
  }

  mark(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#draw();
  }

  measure(measures: readonly Measure[]): void {
    this.#measures = measures;
    this.#draw();
  }

  /** The whole image in its own window, upright. */
  reset(): void {
    if (this.#frame) cornerstone.reset(this.element);
  }

  setWindow({ centre, width }: WindowSetting): void {
    this.#adjust((viewport) => {
      viewport.voi.windowCenter = centre;
      viewport.voi.windowWidth = Math.max(1, width);
    });
  }

  invert(): void {
    this.#adjust((viewport) => {
      viewport.invert = !viewport.invert;
    });
  }

  /** Moves by pixels of the screen. */
  pan(dx: number, dy: number): void {
    this.#adjust((viewport) => {
      viewport.translation.x += dx / viewport.scale;
      viewport.translation.y += dy / viewport.scale;
    });
  }

  /** Zooms so that the point of the screen keeps what it shows. */
  zoom(factor: number, at?: { clientX: number; clientY: number }): void {
    const before = at ? this.pixelAt(at) : null;
    this.#adjust((viewport) => {
      viewport.scale = Math.min(SCALE_RANGE.most, Math.max(SCALE_RANGE.least, viewport.scale * factor));
    });
    const after = at ? this.pixelAt(at) : null;
    if (!before || !after) return;
    this.#adjust((viewport) => {
      viewport.translation.x += after[0] - before[0];
      viewport.translation.y += after[1] - before[1];
    });
  }

  /** Brings a point of the image to the middle when it is small on the screen or near the edge of what is seen. */
  centre(point: Point, leastScale: number): void {
    const { frame } = this;
    if (!frame || (this.#isWellInside(point) && (this.scale ?? 0) >= leastScale)) return;
    this.#adjust((viewport) => {
      viewport.scale = Math.max(viewport.scale, leastScale);
      viewport.translation.x = frame.info.columns / 2 - point[0];
      viewport.translation.y = frame.info.rows / 2 - point[1];
    });
  }

  /** The point of the image below a point of the screen. */
  pixelAt({ clientX, clientY }: { clientX: number; clientY: number }): Point | null {
    if (!this.#frame) return null;
    const { left, top } = this.element.getBoundingClientRect();
    const { x, y } = cornerstone.canvasToPixel(this.element, { x: clientX - left, y: clientY - top } as never);
    return [x, y];
  }

  close(): void {
    this.#resize.disconnect();
    cornerstone.disable(this.element);
  }

  #isWellInside([x, y]: Point): boolean {
    const at = cornerstone.pixelToCanvas(this.element, { x, y } as never);
    const { clientWidth, clientHeight } = this.element;
    return (
      Math.abs(at.x - clientWidth / 2) < clientWidth * INNER_HALF &&
      Math.abs(at.y - clientHeight / 2) < clientHeight * INNER_HALF
    );
  }

  #adjust(change: (viewport: Required<cornerstone.Viewport>) => void): void {
    if (!this.#frame) return;
    const viewport = cornerstone.getViewport(this.element);
    if (!viewport) return;
    change(viewport as Required<cornerstone.Viewport>);
    cornerstone.setViewport(this.element, viewport);
  }

  #fit(): void {
    if (!this.#frame || this.element.clientWidth === 0) return;
    const before = cornerstone.getViewport(this.element);
    cornerstone.resize(this.element, true);
    // A new size of the window is no reason to forget how the image was looked at.
    if (before) this.setWindow({ centre: before.voi.windowCenter, width: before.voi.windowWidth });
  }

  #rendered(): void {
    const viewport = cornerstone.getViewport(this.element);
    if (!viewport) return;
    this.#draw();
    this.#changed({
      window: { centre: viewport.voi.windowCenter, width: viewport.voi.windowWidth },
      isInverted: viewport.invert,
      scale: viewport.scale,
    });
  }

  #draw(): void {
    const context = this.#overlay.getContext('2d');
    if (!context || !this.#frame) return;
    const { clientWidth, clientHeight } = this.element;
    if (this.#overlay.width !== clientWidth) this.#overlay.width = clientWidth;
    if (this.#overlay.height !== clientHeight) this.#overlay.height = clientHeight;
    const toCanvas = ([x, y]: Point): Point => {
      const point = cornerstone.pixelToCanvas(this.element, { x, y } as never);
      return [point.x, point.y];
    };
    drawOverlay(context, toCanvas, this.#marks, this.#measures, this.#frame.info);
  }
}
