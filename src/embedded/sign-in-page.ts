import { createHash } from 'node:crypto';
import type { DevelopmentUser } from './development-users.js';

export type Page = { html: string; headers: Record<string, string> };

const style = `
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2933; background: #f4f5f7; margin: 0; }
main { max-width: 24rem; margin: 12vh auto; padding: 2rem; background: #fff; border: 1px solid #d9dde3; border-radius: 8px; }
h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
button { display: block; width: 100%; margin-top: .75rem; padding: .65rem; font: inherit; color: #fff; background: #1c5fb8; border: 0; border-radius: 6px; cursor: pointer; }
button:hover { background: #174e98; }
button:focus-visible { outline: 3px solid #f0b429; outline-offset: 2px; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** A page with one button per user. `redirectOrigins` are where the browser goes after the form: browsers check them too. */
export function signInPage(
  action: string,
  users: readonly DevelopmentUser[],
  redirectOrigins: readonly string[],
): Page {
  const buttons = users.map(({ id, role }) => `<button name="user" value="${id}">Continue as ${id} (${role})</button>`);
  const body = `<p>This sign-in is for development only: choose who you want to be.</p>
<form method="post" action="${escapeHtml(action)}">
${buttons.join('\n')}
</form>`;
  return page('Sign in to Latchkey', body, ["'self'", ...redirectOrigins].join(' '));
}

/** A page that says something. Both texts may come from a request. */
export function messagePage(title: string, text: string): Page {
  return page(escapeHtml(title), `<p>${escapeHtml(text)}</p>`, "'none'");
}

function page(title: string, body: string, formAction: string): Page {
  return {
    html: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  };
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
