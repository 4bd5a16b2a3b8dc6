import { scryptSync } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { PNG } from 'pngjs';
import type { AccessConfig } from '../access-config.js';

export const DESK = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };
/** Everybody's in tests. */
export const PASSWORD = 'correct horse battery staple';
/** Set it to look at what the tests saw. */
const SCREENSHOTS = process.env.PCE_SCREENSHOTS;
const hash = cheapHash(PASSWORD);

/** A user who signs in by `PASSWORD`. */
export function testUser(
  name: string,
  ...roles: AccessConfig['users'][number]['roles']
): AccessConfig['users'][number] {
  return { name, passwordHash: hash, roles };
}

/** As `hashPassword` makes it, but so cheap that tests can afford many. */
function cheapHash(password: string): string {
  const salt = Buffer.alloc(16, 7);
  const text = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  return `$scrypt$ln=4,r=8,p=1$${text(salt)}$${text(scryptSync(password, salt, 32, { N: 16, r: 8, p: 1 }))}`;
}

/** Chromium as tests start it: no sandbox, no graphics card, no calls home. */
export async function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** A page that notes what went wrong in it: errors, and requests to anybody else. */
export async function openPage(
  browser: Browser,
  origin: string,
  viewport: { width: number; height: number },
): Promise<{ page: Page; troubles: string[] }> {
  const context = await browser.newContext({ viewport, hasTouch: viewport.width < 700 });
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') troubles.push(message.text());
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('blob:')) troubles.push(request.url());
  });
  return { page, troubles };
}

/** What axe finds that is serious or worse: rule and elements. @param source of axe-core */
export async function seriousFindings(page: Page, source: string): Promise<string[]> {
  // By the debugger, which the page's own rules against foreign scripts do not bind.
  await page.evaluate(source);
  const violations = (await page.evaluate('axe.run()')) as {
    violations: { id: string; impact: string; nodes: { target: string[] }[] }[];
  };
  return violations.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** A page of somebody who has signed in, at the worklist or where those without it end. */
export async function openSignedIn(
  browser: Browser,
  origin: string,
  viewport: { width: number; height: number },
  name: string,
): Promise<{ page: Page; troubles: string[] }> {
  const opened = await openPage(browser, origin, viewport);
  const { page } = opened;
  await page.goto(`${origin}/worklist/sign-in`);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/worklist');
  return opened;
}

/** Keeps what is to be seen, where somebody wants to look. */
export async function shoot(page: Page, name: string): Promise<void> {
  if (!SCREENSHOTS) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
}

/** What an element looks like. */
export async function pixelsOf(page: Page, selector: string): Promise<PNG> {
  return PNG.sync.read(await page.locator(selector).screenshot());
}

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** The box the chosen mark is drawn around, from its pink ink. */
export function markBox({ data, width, height }: PNG): Box {
  const box = { left: width, top: height, right: 0, bottom: 0 };
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [red = 0, green = 0, blue = 0] = data.subarray(4 * (y * width + x));
      if (red < 240 || green > 120 || blue < 100) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

/** The brightest grey in the middle half of a box; ink is no grey. */
export function brightestIn({ data, width }: PNG, { left, top, right, bottom }: Box): number {
  let brightest = -1;
  const [x0, x1] = [left + (right - left) / 4, right - (right - left) / 4];
  const [y0, y1] = [top + (bottom - top) / 4, bottom - (bottom - top) / 4];
  for (let y = Math.ceil(y0); y < y1; y += 1) {
    for (let x = Math.ceil(x0); x < x1; x += 1) {
      const [red = 0, green = 0, blue = 0] = data.subarray(4 * (y * width + x));
      if (Math.max(red, green, blue) - Math.min(red, green, blue) < 8) brightest = Math.max(brightest, red);
    }
  }
  return brightest;
}
