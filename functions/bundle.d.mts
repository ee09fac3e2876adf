import type { BuildOptions } from 'esbuild';

export const ASSETS: readonly string[];
export function bundleOptions(program: { entryPoints: string[]; outbase: string; outdir: string }): BuildOptions;
