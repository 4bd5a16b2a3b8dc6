import { type Browser, chromium, type Page } from 'playwright-core';

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
