import { setFlagsFromString } from 'node:v8';

/**
 * Settings of V8 for a process that lasts seconds or minutes. Both are read while it runs, so that they may be set at any time.
 *
 * The old generation may grow to one and a half times what is alive before it is collected. V8 by itself waits for up to four
 * times that on a machine with memory to spare: a scan holds 50 MB and makes little that lasts, and its process would be said
 * to take 400 MB, most of it garbage. The collections more take a tenth to a sixth of a scan's CPU. At twice what is alive it
 * would be half of that, but 50,000 accounts would take 330 MB instead of 280. Node 20, 22 and 24 know it.
 *
 * On Node 20 a function runs six times as long as usual before it is compiled for speed: with 60 accounts those compilations
 * took a fifth of the CPU and were never earned back, with 300 an eighth. Later versions of V8 have a cheap compiler in between,
 * no such setting, and nothing to gain.
 */
export function tuneEngine(): void {
  setFlagsFromString('--heap-growing-percent=50');
  if (process.versions.v8.startsWith('11.')) setFlagsFromString('--interrupt-budget=400000');
}
