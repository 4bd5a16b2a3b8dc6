import { useEffect, useRef } from 'preact/hooks';
import type { ViewFinding } from '../../src/core/study-view.js';
import { addressOf } from '../parts/api.js';
import type { SaveReview } from './finding-panel.js';
import type { ImagePane } from './image-pane.js';
import type { Tool } from './pane-tools.js';
import { PRESETS, toolOfKey } from './toolbar.js';

interface ViewerKeyTargets {
  pane: { readonly current: ImagePane | null };
  findings: readonly ViewFinding[];
  chosen: number | null;
  choose: (findingId: number) => void;
  scroll: (images: number) => void;
  setTool: (tool: Tool) => void;
  save: SaveReview | null;
  clear: () => void;
  canMark: boolean;
}

/** Images that Page Up and Page Down move by. */
const PAGE_IMAGES = 10;
const SCROLL: Readonly<Record<string, number>> = {
  ArrowUp: -1,
  ArrowDown: 1,
  PageUp: -PAGE_IMAGES,
  PageDown: PAGE_IMAGES,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

/** The viewer without the mouse. */
export function useViewerKeys(targets: ViewerKeyTargets): void {
  const latest = useRef(targets);
  latest.current = targets;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.matches('textarea, select, input')) {
        if (event.key === 'Escape') target.blur();
        return;
      }
      if (act(latest.current, event.key)) event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

/** @returns whether the key means something here */
function act(targets: ViewerKeyTargets, key: string): boolean {
  const { pane, findings, chosen, choose, scroll, setTool, save, clear, canMark } = targets;
  const by = SCROLL[key];
  const tool = toolOfKey(key);
  const preset = PRESETS.find((one) => one.key === key);
  if (by !== undefined) scroll(by);
  else if (tool) return chooseTool(tool, canMark, setTool);
  else if (preset) pane.current?.setWindow(preset.window);
  else if (key === 'i') pane.current?.invert();
  else if (key === 'r') pane.current?.reset();
  else if (key === '+' || key === '-') pane.current?.zoom(key === '+' ? 1.25 : 0.8);
  else if (key === 'Delete') clear();
  else if (key === 'n' || key === 'p') chooseNext(findings, chosen, choose, key === 'n' ? 1 : -1);
  else if (key === 'a' || key === 'x') void save?.(chosen, key === 'a' ? 'accepted' : 'rejected', '');
  else if (key === 'Escape') location.assign(addressOf(''));
  else return false;
  return true;
}

function chooseTool(tool: Tool, canMark: boolean, setTool: (tool: Tool) => void): boolean {
  if (tool === 'mark' && !canMark) return false;
  setTool(tool);
  return true;
}

function chooseNext(
  findings: readonly ViewFinding[],
  chosen: number | null,
  choose: (findingId: number) => void,
  step: number,
): void {
  if (findings.length === 0) return;
  const at = findings.findIndex(({ id }) => id === chosen);
  const next = at < 0 ? (step > 0 ? 0 : findings.length - 1) : (at + step + findings.length) % findings.length;
  const finding = findings[next];
  if (finding) choose(finding.id);
}
