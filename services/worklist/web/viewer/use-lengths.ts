import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Measure } from './draw-overlay.js';
import type { ImagePane, PaneState } from './image-pane.js';

/** Lengths measured in each image, drawn on the one in view. @param image its name */
export function useLengths(pane: { readonly current: ImagePane | null }, image: string, paneState: PaneState | null) {
  const [lengths, setLengths] = useState<ReadonlyMap<string, Measure[]>>(new Map());
  const [drawn, setDrawn] = useState<Measure | null>(null);
  // The pane's state is no input of the drawing, but what is drawn has to follow it.
  useEffect(() => {
    pane.current?.measure([...(lengths.get(image) ?? []), ...(drawn ? [drawn] : [])]);
  }, [pane, lengths, drawn, image, paneState]);
  const measuring = useCallback((measure: Measure, isDone: boolean, at: string) => {
    setDrawn(isDone ? null : measure);
    if (isDone) setLengths((known) => new Map([...known, [at, [...(known.get(at) ?? []), measure]]]));
  }, []);
  const clear = useCallback(() => setLengths(new Map()), []);
  return { measuring, clear, hasLengths: lengths.size > 0 };
}
