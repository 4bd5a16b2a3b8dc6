import { type ComponentChildren, render, type VNode } from 'preact';
import type { Permission } from '../../src/core/access-rules.js';
import { RESEARCH_NOTICE } from '../../src/core/research-notice.js';
import { addressOf, postJson, type Visitor, visitor } from './api.js';

const LINKS: { path: string; text: string; permission: Permission }[] = [
  { path: '', text: 'Worklist', permission: 'view-studies' },
  { path: '/monitoring', text: 'Monitoring', permission: 'see-monitoring' },
  { path: '/deliveries', text: 'Deliveries', permission: 'see-monitoring' },
];

interface ShellProps {
  who: Visitor;
  /** Path of the page below the base. */
  path: string;
  /** Fills the window without scrolling. */
  isFull?: boolean;
  children: ComponentChildren;
}

/** What every page has around it: what this software is, where to go, and who is signed in. */
export function Shell({ who, path, isFull, children }: ShellProps): VNode {
  const links = LINKS.filter(({ permission }) => who.permissions.includes(permission));
  return (
    <div class={isFull ? 'shell full' : 'shell'}>
      <header class="top">
        <a class="brand" href={addressOf('')}>
          PCE
        </a>
        <nav aria-label="Pages">
          {links.map((link) => (
            <a href={addressOf(link.path)} aria-current={link.path === path ? 'page' : undefined} key={link.path}>
              {link.text}
            </a>
          ))}
        </nav>
        <p class="notice">{RESEARCH_NOTICE}</p>
        <Who who={who} />
      </header>
      <main>{children}</main>
    </div>
  );
}

function Who({ who }: { who: Visitor }): VNode {
  if (who.isOpen) return <p class="who open">No sign-in: this machine only</p>;
  const leave = async () => {
    await postJson('/api/sign-out', {});
    location.assign(addressOf('/sign-in'));
  };
  return (
    <p class="who">
      <span>{who.userName}</span>
      <button type="button" onClick={leave}>
        Sign out
      </button>
    </p>
  );
}

/** Shows a page to who is signed in, or what went wrong. */
export async function show(page: (who: Visitor) => VNode, needs: Permission): Promise<void> {
  const root = document.getElementById('app');
  if (!root) return;
  root.replaceChildren();
  try {
    const who = await visitor();
    if (who.userName === null) location.assign(addressOf('/sign-in'));
    else if (who.permissions.includes(needs)) render(page(who), root);
    else render(<Refused who={who} />, root);
  } catch (error) {
    render(<p role="alert">{(error as Error).message}</p>, root);
  }
}

function Refused({ who }: { who: Visitor }): VNode {
  return (
    <Shell who={who} path="?">
      <div class="page">
        <h1>Not for this account</h1>
        <p>Your roles do not include this page. Choose another above, or ask an administrator.</p>
      </div>
    </Shell>
  );
}
