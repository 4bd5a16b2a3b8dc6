import { render, type VNode } from 'preact';
import { useState } from 'preact/hooks';
import { RESEARCH_NOTICE } from '../../src/core/research-notice.js';
import { addressOf, postJson, type Visitor, visitor } from '../parts/api.js';

const PROBLEMS: Readonly<Record<string, string>> = {
  expired: 'Signing in took too long, or was started in another window. Please try again.',
  provider: 'The sign-in service did not confirm who you are. Please try again or ask an administrator.',
  'no-role': 'You are known, but have no role here. Please ask an administrator.',
};

function SignIn({ ways }: Pick<Visitor, 'ways'>): VNode {
  const asked = new URLSearchParams(location.search).get('problem') ?? '';
  const [problem, setProblem] = useState(PROBLEMS[asked] ?? '');
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    try {
      await postJson('/api/sign-in', { name: form.get('name'), password: form.get('password') });
      location.assign(addressOf(''));
    } catch (error) {
      setProblem(`Not signed in: ${(error as Error).message}.`);
      setBusy(false);
    }
  };
  return (
    <main class="sign-in">
      <h1>PCE</h1>
      <p class="notice">{RESEARCH_NOTICE}</p>
      {problem && <p role="alert">{problem}</p>}
      {ways.oidc && (
        <a class="button primary" href={addressOf('/oidc/start')}>
          Sign in with your organisation
        </a>
      )}
      {ways.password && (
        <form onSubmit={submit}>
          <label>
            Name
            <input name="name" autocomplete="username" required maxLength={64} />
          </label>
          <label>
            Password
            <input name="password" type="password" autocomplete="current-password" required maxLength={256} />
          </label>
          <button type="submit" class="primary" disabled={isBusy}>
            Sign in
          </button>
        </form>
      )}
    </main>
  );
}

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  try {
    const who = await visitor();
    if (who.userName !== null) location.replace(addressOf(''));
    else render(<SignIn ways={who.ways} />, root);
  } catch (error) {
    render(<p role="alert">{(error as Error).message}</p>, root);
  }
}
