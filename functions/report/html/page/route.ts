/** Where in the page one is: a view, what it shows, and how; all of it in the URL's hash, so that a link leads back. */
export interface Route {
  view: string;
  /** An account id, a trail's ARN, a framework; '' where the view needs none. */
  subject: string;
  parameters: URLSearchParams;
}

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = split(hash.replace(/^#\/?/, ''), '?');
  const [view = '', subject = ''] = split(path, '/');
  return { view: view || 'summary', subject: decoded(subject), parameters: new URLSearchParams(query) };
}

export function link(view: string, subject = '', parameters: Record<string, string | null | undefined> = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) if (value) query.set(name, value);
  const text = query.toString();
  return `#/${view}${subject === '' ? '' : `/${encodeURIComponent(subject)}`}${text === '' ? '' : `?${text}`}`;
}

/** The same place with some parameters changed; an empty value takes a parameter away. */
export function changed(route: Route, parameters: Record<string, string>): string {
  return link(route.view, route.subject, { ...Object.fromEntries(route.parameters), ...parameters });
}

function split(text: string, sign: string): [string, string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
