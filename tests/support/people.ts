/* The people of catalog/org.yaml, signed in over HTTP or in the browser. */
import type { Page } from 'playwright-core';
import { waitFor } from './portal.ts';

export type PersonName =
  | 'guest'
  | 'jen'
  | 'dana'
  | 'rex'
  | 'stranger'
  /** With `app-config.owner.yaml` alone. */
  | 'olga';

/** All of them: who looks around, who owns, who builds, who reviews, who has nothing to do with it. */
export const people: PersonName[] = ['guest', 'jen', 'dana', 'rex', 'stranger'];

/** Somebody who calls a portal. */
export interface Caller {
  token: string;
  /** Calls a route below `/api/mlops/`; sends and reads JSON. */
  call(
    method: string,
    route: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: any }>;
  fetch(route: string, init?: RequestInit): Promise<Response>;
}

/** Signs somebody in over HTTP; waits until the catalog knows them. */
export async function signIn(url: string, name: PersonName): Promise<Caller> {
  return callerWith(url, await tokenOf(url, name));
}

// On a busy machine a connection that was kept may be closed by the portal just as the next call takes it.
const notKept = { connection: 'close' };

/** Calls a portal with a token. */
export function callerWith(url: string, token: string): Caller {
  const send = (route: string, init: RequestInit = {}) =>
    fetch(`${url}/api/mlops/${route}`, {
      ...init,
      headers: {
        ...notKept,
        authorization: `Bearer ${token}`,
        ...init.headers,
      },
    });
  return {
    token,
    fetch: send,
    async call(method, route, body, headers = {}) {
      const answer = await send(route, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await answer.text();
      return {
        status: answer.status,
        body: text ? JSON.parse(text) : undefined,
      };
    },
  };
}

/** A token of Backstage, as the page gets it. */
export function tokenOf(url: string, name: PersonName): Promise<string> {
  const provider = name === 'guest' ? 'guest' : 'dev-users';
  return waitFor(`the sign-in of ${name}`, async () => {
    const answer = await fetch(`${url}/api/auth/${provider}/refresh`, {
      headers: {
        ...notKept,
        'x-requested-with': 'XMLHttpRequest',
        ...(name === 'guest'
          ? {}
          : { 'x-portal-person': `user:default/${name}` }),
      },
    });
    // The catalog reads its people about a second after the portal answers.
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as any).backstageIdentity.token as string;
  });
}

/** Opens a page of the portal as somebody, who stays signed in for the pages after it. */
export async function openAs(
  page: Page,
  address: string,
  name: PersonName,
): Promise<void> {
  await page.goto(address);
  const title = name[0].toUpperCase() + name.slice(1);
  await page
    .getByRole('button', {
      name: name === 'guest' ? 'Enter' : `Sign in as ${title}`,
      exact: true,
    })
    .click();
}
