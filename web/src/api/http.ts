/** One way to speak with the service: JSON in and out, the session's CSRF token, problems as errors. */

const BASE = '/api/v1';

/** What the service answered instead of a result (problem+json), or that it could not be reached. */
export class Problem extends Error {
  /** The HTTP status; 0 when the service could not be reached. */
  readonly status: number;
  readonly field: string | null;

  constructor(status: number, message: string, field: string | null = null) {
    super(message);
    this.name = 'Problem';
    this.status = status;
    this.field = field;
  }
}

let csrfToken: string | null = null;
let onSignedOut: () => void = () => undefined;

export function keepCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** Called when the service no longer knows the session. */
export function whenSignedOut(callback: () => void): void {
  onSignedOut = callback;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The problem in an answer's body; a body that is not problem+json gives the status alone. */
export function problemOf(status: number, body: string): Problem {
  let parsed: Record<string, unknown> = {};
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null) parsed = value as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const message = text(parsed.detail) ?? text(parsed.title) ?? `HTTP ${status}`;
  return new Problem(status, message, text(parsed.field));
}

interface Options {
  body?: unknown;
  signal?: AbortSignal;
  /** Finish the request even if the page is left meanwhile. */
  keepalive?: boolean;
}

/** Ask the service; throws Problem. A 401 also ends the session in the page, except at login. */
export async function request<Answer>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  options: Options = {},
): Promise<Answer> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken !== null) headers['X-CSRF-Token'] = csrfToken;
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      headers,
      credentials: 'same-origin',
      keepalive: options.keepalive ?? false,
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem(0, '');
  }
  const body = await response.text();
  if (!response.ok) {
    if (response.status === 401 && path !== '/session') onSignedOut();
    throw problemOf(response.status, body);
  }
  return (body === '' ? undefined : JSON.parse(body)) as Answer;
}

/** Send one multipart form with progress in 0..1 (fetch cannot report how much was sent). */
export function sendForm<Answer>(
  path: string,
  form: FormData,
  onProgress: (fraction: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sender = new XMLHttpRequest();
    sender.open('POST', BASE + path);
    sender.setRequestHeader('Accept', 'application/json');
    if (csrfToken !== null) sender.setRequestHeader('X-CSRF-Token', csrfToken);
    sender.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) onProgress(event.loaded / event.total);
    };
    sender.onerror = () => reject(new Problem(0, ''));
    sender.onload = () => {
      if (sender.status >= 200 && sender.status < 300) {
        resolve(JSON.parse(sender.responseText) as Answer);
        return;
      }
      if (sender.status === 401) onSignedOut();
      reject(problemOf(sender.status, sender.responseText));
    };
    sender.send(form);
  });
}

/** Address of a picture of the lead or case that owns the evidence. */
export function evidenceUrl(id: number, kind: string): string {
  return `${BASE}/evidence/${id}/${kind}`;
}
