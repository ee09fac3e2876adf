/**
 * The items of a map as the one JSON array that Step Functions reads (InputType JSON), an item a line. Not JSON Lines:
 * moto, the referee of the state machine's tests, does not read them, and no engine shall need a definition of its own.
 */
export async function* mapItemsFile(items: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let separator = '[\n';
  for await (const item of items) {
    yield encoder.encode(separator + JSON.stringify(item));
    separator = ',\n';
  }
  yield encoder.encode(separator === '[\n' ? '[]\n' : '\n]\n');
}
