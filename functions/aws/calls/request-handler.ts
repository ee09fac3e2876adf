/** The SDK's own handler interface, in-process or over a socket. */
export interface RequestHandler {
  handle(request: never, options?: never): Promise<{ response: unknown }>;
  destroy?(): void;
}
