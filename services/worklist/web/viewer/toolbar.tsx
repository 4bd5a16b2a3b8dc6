import type { VNode } from 'preact';
import type { ImageStack } from '../../src/core/image-stacks.js';
import type { WindowSetting } from './image-pane.js';
import { TOOLS, type Tool } from './pane-tools.js';

/** Windows of a CT, Hounsfield units, by the key that chooses them. [design] Cement shows between 1500 and 2000 wide. */
export const PRESETS: readonly { key: string; name: string; window: WindowSetting }[] = [
  { key: '1', name: 'Lung', window: { centre: -600, width: 1500 } },
  { key: '2', name: 'Bone', window: { centre: 300, width: 1500 } },
  { key: '3', name: 'Soft tissue', window: { centre: 40, width: 400 } },
  { key: '4', name: 'Cement', window: { centre: 450, width: 1800 } },
];

const TOOL_WORDS: Readonly<Record<Tool, { text: string; key: string }>> = {
  window: { text: 'Window', key: 'w' },
  scroll: { text: 'Scroll', key: 's' },
  zoom: { text: 'Zoom', key: 'z' },
  pan: { text: 'Pan', key: 'm' },
  length: { text: 'Length', key: 'l' },
  mark: { text: 'Mark', key: 'k' },
};

/** The tool a key chooses. */
export function toolOfKey(key: string): Tool | null {
  return TOOLS.find((tool) => TOOL_WORDS[tool].key === key) ?? null;
}

interface ToolbarProps {
  stacks: readonly ImageStack[];
  stack: number;
  chooseStack: (stack: number) => void;
  tool: Tool;
  chooseTool: (tool: Tool) => void;
  isCt: boolean;
  /** Whether what was missed can be marked. */
  canMark: boolean;
  setWindow: (window: WindowSetting) => void;
  invert: () => void;
  isInverted: boolean;
  reset: () => void;
  clearLengths: (() => void) | null;
}

/** Everything that can be done to the image, by button or key. */
export function Toolbar(props: ToolbarProps): VNode {
  const { stacks, stack, tool, isCt } = props;
  return (
    <div class="toolbar" role="toolbar" aria-label="Image">
      {stacks.length > 1 && (
        <select
          aria-label="Series"
          value={stack}
          onChange={({ currentTarget }) => props.chooseStack(Number(currentTarget.value))}
        >
          {stacks.map(({ label }, number) => (
            <option value={number} key={label + String(number)}>
              {label}
            </option>
          ))}
        </select>
      )}
      {isCt && (
        <fieldset>
          <legend class="unseen">Window presets</legend>
          {PRESETS.map(({ key, name, window }) => (
            <button type="button" title={`${name} (${key})`} onClick={() => props.setWindow(window)} key={name}>
              {name}
            </button>
          ))}
        </fieldset>
      )}
      <fieldset>
        <legend class="unseen">Tools</legend>
        {TOOLS.filter((one) => one !== 'mark' || props.canMark).map((one) => (
          <button
            type="button"
            title={`${TOOL_WORDS[one].text} (${TOOL_WORDS[one].key})`}
            aria-pressed={tool === one}
            onClick={() => props.chooseTool(one)}
            key={one}
          >
            {TOOL_WORDS[one].text}
          </button>
        ))}
      </fieldset>
      <fieldset>
        <legend class="unseen">View</legend>
        <button type="button" title="Invert (i)" aria-pressed={props.isInverted} onClick={props.invert}>
          Invert
        </button>
        <button type="button" title="Reset (r)" onClick={props.reset}>
          Reset
        </button>
        {props.clearLengths && (
          <button type="button" title="Remove lengths (Delete)" onClick={props.clearLengths}>
            Clear lengths
          </button>
        )}
      </fieldset>
    </div>
  );
}
