import type { ComponentChildren, VNode } from 'preact';

/** A table that scrolls sideways where the screen is narrower. @param label what it lists */
export function WideTable({ label, children }: { label: string; children: ComponentChildren }): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
    <section class="wide-table" aria-label={label} tabIndex={0}>
      <table class="plain">{children}</table>
    </section>
  );
}
