/** What the service tells the page before anybody has signed in. */
export type PageSettings = { issuer: string; clientId: string | null; scope: string; audience: string };

export async function fetchPageSettings(): Promise<PageSettings> {
  const response = await fetch('/page-settings');
  if (!response.ok) throw new Error(`/page-settings answered ${response.status}`);
  return (await response.json()) as PageSettings;
}
