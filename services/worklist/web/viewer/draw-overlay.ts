import type { FrameInfo } from '../../src/core/frame-info.js';
import type { PlacedRegion } from '../../src/core/study-view.js';

export type Point = [number, number];

/** A mark to draw on the image in view. */
export interface Mark {
  /** Written beside it. */
  label: string;
  region: Pick<PlacedRegion, 'purpose' | 'pointsPx'>;
  isChosen: boolean;
}

/** A straight line between two points, in pixels of the image. */
export interface Measure {
  from: Point;
  to: Point;
}

/** Where a point of the image is on the canvas. */
export type ToCanvas = (point: Point) => Point;

const MARK_COLOUR = '#ffd166';
const CHOSEN_COLOUR = '#ff5d8f';
const MEASURE_COLOUR = '#7ce0c3';
/** A centre or a thin line is circled with this much room, pixels of the screen. [design] */
const ROOM_PX = 12;
const LABEL_PX = 13;

/** Draws marks and measurements over the image. Points are as DICOM has them: [0, 0] is a corner, not a centre. */
export function drawOverlay(
  context: CanvasRenderingContext2D,
  toCanvas: ToCanvas,
  marks: readonly Mark[],
  measures: readonly Measure[],
  info: FrameInfo,
): void {
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  context.font = `600 ${LABEL_PX}px system-ui, sans-serif`;
  for (const mark of marks) drawMark(context, toCanvas, mark);
  for (const measure of measures) drawMeasure(context, toCanvas, measure, info);
}

function drawMark(context: CanvasRenderingContext2D, toCanvas: ToCanvas, mark: Mark): void {
  const points = mark.region.pointsPx.map(toCanvas);
  context.strokeStyle = mark.isChosen ? CHOSEN_COLOUR : MARK_COLOUR;
  context.fillStyle = context.strokeStyle;
  context.lineWidth = mark.isChosen ? 2.5 : 1.5;
  if (mark.region.purpose === 'outline') stroke(context, points);
  const [left, top, right, bottom] = boundsOf(points);
  const room = mark.region.purpose === 'outline' ? ROOM_PX / 3 : ROOM_PX;
  // What is marked stays free of ink: corners stand around it.
  corners(context, left - room, top - room, right + room, bottom + room);
  write(context, mark.label, right + room + 4, top - room + LABEL_PX / 2);
}

function corners(context: CanvasRenderingContext2D, left: number, top: number, right: number, bottom: number): void {
  const arm = Math.min(14, (right - left) / 3, (bottom - top) / 3);
  for (const [x, toX] of [
    [left, arm],
    [right, -arm],
  ] as const) {
    for (const [y, toY] of [
      [top, arm],
      [bottom, -arm],
    ] as const) {
      stroke(context, [
        [x + toX, y],
        [x, y],
        [x, y + toY],
      ]);
    }
  }
}

function drawMeasure(context: CanvasRenderingContext2D, toCanvas: ToCanvas, measure: Measure, info: FrameInfo): void {
  const [from, to] = [toCanvas(measure.from), toCanvas(measure.to)];
  context.strokeStyle = MEASURE_COLOUR;
  context.fillStyle = MEASURE_COLOUR;
  context.lineWidth = 1.5;
  stroke(context, [from, to]);
  for (const [x, y] of [from, to]) context.fillRect(x - 2, y - 2, 4, 4);
  write(context, lengthText(measure, info), to[0] + 8, to[1] + 4);
}

/** Text that can be read on black and on white. */
function write(context: CanvasRenderingContext2D, text: string, x: number, y: number): void {
  context.save();
  context.lineWidth = 4;
  context.strokeStyle = 'rgb(0 0 0 / 75%)';
  context.strokeText(text, x, y);
  context.restore();
  context.fillText(text, x, y);
}

/** Length in millimetres where the image says how large its pixels are. */
export function lengthText({ from, to }: Measure, { pixelSpacingMm, isDetectorPlane }: FrameInfo): string {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  if (!pixelSpacingMm) return `${Math.hypot(dx, dy).toFixed(0)} px`;
  const length = Math.hypot(dx * pixelSpacingMm[0], dy * pixelSpacingMm[1]);
  return `${length.toFixed(1)} mm${isDetectorPlane ? ' on the detector' : ''}`;
}

function stroke(context: CanvasRenderingContext2D, points: readonly Point[]): void {
  context.beginPath();
  for (const [index, [x, y]] of points.entries()) {
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.stroke();
}

function boundsOf(points: readonly Point[]): [number, number, number, number] {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}
