import { BarChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent } from 'echarts/components';
import { init, setPlatformAPI, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { html, type Markup, trusted } from './escape.ts';
import { number, plural } from './words.ts';

use([BarChart, AriaComponent, GridComponent, LegendComponent, SVGRenderer]);
// Without a screen the library guesses the width of letters, and guesses those of wide fonts too narrow.
setPlatformAPI({
  measureText: (text, font) => ({
    width: text.length * LETTER * Number.parseFloat(/([\d.]+)px/.exec(font ?? '')?.[1] ?? '12'),
  }),
});
/** Width of a letter of a wide font, in its size. */
const LETTER = 0.6;

export interface StackedBars {
  /** Names the chart's parts; letters and hyphens. */
  id: string;
  title: string;
  /** What the chart shows, in a sentence, for those who do not see it. */
  alternative: string;
  /** What is counted: `account`. */
  unit: string;
  /** One bar each. */
  categories: string[];
  series: {
    name: string;
    colour: Colour;
    values: number[] /** Where the rows behind each value are. */;
    links?: (string | null)[];
  }[];
  /** More of each category than its name, said where a bar of it is pointed at. */
  said?: string[];
  /** Bars lie: for long names. */
  lying?: boolean;
  /** Across the whole page; beside others on a large screen. */
  wide?: boolean;
  /** One lying bar with its numbers on it: no axes, and what stands below it is the legend. */
  single?: boolean;
  /** Of 100 each, so that small and large categories compare. */
  shares?: boolean;
}

/** Colour-blind safe (Okabe and Ito); the values are in the style sheet, for light and dark. */
export const COLOURS = ['good', 'bad', 'gone', 'stopped', 'broken', 'foreign', 'unknown', 'none'] as const;
export type Colour = (typeof COLOURS)[number];

/** Widths at which a chart is drawn, in pixels: beside another, across the page, across a large screen, on a phone. */
const WIDTH = 580;
const WIDE = 1180;
const LARGE = 1780;
const NARROW = 340;
/** Room for the names of lying bars, and how many letters of 12 pixels fit there. */
const NAMES = 196;
const LETTERS = 26;
/** Bars side by side that there is room for beside other charts, and on a phone: the newest. */
const BARS = 30;
const NARROW_BARS = 20;
const LEGEND_ROW = 22;
const INK = '#010101';
const LINE = '#010102';
/** Ink on a coloured bar. */
const ON = '#010103';
const sentinel = (colour: Colour): string => `#0102${(16 + COLOURS.indexOf(colour)).toString(16)}`;

/** A pattern with the colour, the same wherever the colour is used. */
const DECALS: Record<Colour, object> = {
  good: { symbol: 'none' },
  bad: { symbol: 'rect', symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4 },
  gone: {
    symbol: 'circle',
    symbolSize: 0.7,
    dashArrayX: [
      [8, 8],
      [0, 8, 8, 0],
    ],
    dashArrayY: [6, 0],
  },
  stopped: { symbol: 'rect', symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: 0 },
  broken: { symbol: 'rect', symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 4 },
  foreign: { symbol: 'rect', symbolSize: 1, dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: Math.PI / 2 },
  unknown: {
    symbol: 'circle',
    symbolSize: 0.4,
    dashArrayX: [
      [5, 5],
      [0, 5, 5, 0],
    ],
    dashArrayY: [5, 0],
  },
  none: { symbol: 'none' },
};

/**
 * The chart as a figure: an SVG whose colours follow the page's theme, drawn for each size of screen that it has to be,
 * and the same numbers as a table. Each part of a bar says its number and leads to the rows behind it.
 */
export function chart(bars: StackedBars): Markup {
  const drawn = { ...bars, series: bars.series.filter(({ values }) => values.some((value) => value > 0)) };
  return html`<figure class="chart${bars.wide ? ' wide' : ''}" id="chart-${bars.id}">
<figcaption>${bars.title}</figcaption>
${drawingsOf(bars).map((drawing) => trusted(svg(drawing.bars ? newest(drawn, drawing.bars) : drawn, drawing)))}
${bars.single ? null : numbersOf(drawn)}
</figure>`;
}

/** The last so many categories. */
const newest = (bars: StackedBars, count: number): StackedBars => ({
  ...bars,
  categories: bars.categories.slice(-count),
  ...(bars.said ? { said: bars.said.slice(-count) } : {}),
  series: bars.series.map(({ links, ...one }) => ({
    ...one,
    values: one.values.slice(-count),
    ...(links ? { links: links.slice(-count) } : {}),
  })),
});

/** The chart's numbers as a table, for those who want them exactly, or cannot see the bars. */
const numbersOf = ({ title, categories, series }: StackedBars): Markup =>
  html`<details><summary>Show data table<span class="sr">: ${title}</span></summary><div class="scroll" tabindex="0" role="group" aria-label="${`${title}: numbers`}"><table>
<thead><tr><th scope="col"><span class="sr">${title}</span></th>${series.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}</tr></thead>
<tbody>${categories.map(
    (category, index) =>
      html`<tr><th scope="row">${category}</th>${series.map(({ values }) => html`<td class="number">${number(values[index] ?? 0)}</td>`)}</tr>`,
  )}</tbody></table></div></details>`;

interface Drawing {
  width: number;
  /** The style sheet shows one of them: on a phone the narrow one, on a large screen the large one where there is one. */
  kind: 'broad' | 'narrow' | 'large';
  /** So many of the newest; all where it is left out. */
  bars?: number;
}

function drawingsOf({ lying, single }: StackedBars): Drawing[] {
  if (lying)
    return [
      { kind: 'broad', width: WIDTH },
      { kind: 'narrow', width: NARROW },
    ];
  return [
    { kind: 'broad', width: WIDE },
    single ? { kind: 'large', width: LARGE } : { kind: 'large', width: WIDTH, bars: BARS },
    { kind: 'narrow', width: NARROW, bars: NARROW_BARS },
  ];
}

function svg(bars: StackedBars, { width, kind }: Drawing): string {
  const { id, categories, series, lying = false, shares = false, single = false } = bars;
  const totals = categories.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const all = Math.max(1, ...totals);
  const names = kind === 'narrow' ? NAMES - 16 : NAMES;
  const size = kind === 'narrow' ? 11 : 12;
  const legend =
    legendRows(
      series.map(({ name }) => name),
      width,
    ) * LEGEND_ROW;
  const foot = legend + 30;
  const height = single ? 44 : lying ? foot + 14 + categories.length * 22 : 190 + foot;
  const category = {
    type: 'category',
    data: categories.map(short),
    inverse: lying,
    axisLine: { lineStyle: { color: LINE } },
    axisTick: { show: false },
    axisLabel: { color: INK, fontSize: size, hideOverlap: !lying },
  };
  const value = {
    type: 'value',
    ...(shares ? { max: 100, interval: kind === 'narrow' ? 50 : 25 } : {}),
    minInterval: 1,
    splitNumber: 4,
    splitLine: { lineStyle: { color: LINE, opacity: 0.5 } },
    axisLabel: { color: INK, fontSize: size, ...(shares ? { formatter: '{value} %' } : {}) },
  };
  const bare = { show: false };
  const grid = single
    ? { left: 0, right: 0, top: 4, bottom: 4 }
    : { left: lying ? names : 56, right: 24, top: 10, bottom: foot };
  /** A number is drawn where it has room. */
  const labelOf = (text: string, room: number) =>
    room >= (text.length + 1.5) * LETTER * size
      ? {
          show: true,
          color: ON,
          fontSize: single ? 14 : size,
          formatter: () => text,
          ...(single ? { fontWeight: 'bold' } : {}),
        }
      : { show: false };
  const length =
    lying || single ? width - Number(grid.left) - grid.right : (width - 80) / Math.max(1, categories.length);
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    drawing.setOption({
      animation: false,
      aria: { enabled: true, decal: { show: true } },
      legend: single
        ? bare
        : {
            bottom: 0,
            left: 0,
            textStyle: { color: INK, fontSize: size },
            itemGap: 14,
            itemWidth: 18,
            selectedMode: false,
          },
      grid,
      xAxis: single ? { type: 'value', max: all, ...bare } : lying ? value : category,
      yAxis: single ? { type: 'category', data: categories, ...bare } : lying ? category : value,
      series: series.map(({ name, colour, values }) => ({
        type: 'bar',
        stack: 'all',
        name,
        silent: true,
        emphasis: { disabled: true },
        barMaxWidth: single ? 36 : lying ? 16 : 40,
        itemStyle: { color: sentinel(colour), decal: DECALS[colour] },
        data: values.map((v, index) => {
          const total = totals[index] ?? 0;
          const part = shares ? (total > 0 ? (v * 100) / total : 0) : v;
          const high = lying || single || (v * 180) / all >= size + 4;
          const room = lying || single ? (v * length) / Math.max(1, shares ? total : all) : Math.min(40, length * 0.7);
          return { value: part, label: labelOf(number(v), v > 0 && high ? room : 0) };
        }),
      })),
    });
    return themed(drawing.renderToSVGString(), { ...bars, id: `${id}-${kind}`, kind, totals });
  } finally {
    // Without it a timer of the library keeps the process alive.
    drawing.dispose();
  }
}

/** Lines that the names of the series take, as the library breaks them. */
function legendRows(names: readonly string[], width: number): number {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const needed = 18 + 5 + name.length * LETTER * 12 + 14;
    if (used > 0 && used + needed > width) {
      rows += 1;
      used = 0;
    }
    used += needed;
  }
  return rows;
}

/** Names end with a count, and of a path its end says most: it is cut between its parts where that suffices. */
function short(name: string): string {
  if (name.length <= LETTERS) return name;
  const last = `…${name.slice(name.lastIndexOf('/'))}`;
  return last.length <= LETTERS && name.includes('/') ? last : `…${name.slice(1 - LETTERS)}`;
}

/**
 * The library's SVG as the page's policy admits it: no style sheet, no style attribute, colours as variables of the
 * theme, ids of the chart's own (the library counts them through the process, which no two runs would repeat). What the
 * library tells of each bar (https://echarts.apache.org/handbook/en/how-to/cross-platform/server) becomes a link.
 */
function themed(source: string, bars: StackedBars & { kind: Drawing['kind']; totals: readonly number[] }): string {
  const { id, alternative, single = false, kind } = bars;
  let svgText = source
    .replaceAll(
      /<path [^>]*ecmeta_series_index="(\d+)"[^>]*ecmeta_data_index="(\d+)"[^>]*ecmeta_ssr_type="chart"[^>]*><\/path>/g,
      (path, s, d) => linked(path, { bars, series: Number(s), at: Number(d) }),
    )
    .replaceAll(/ xml:space="preserve"/g, '')
    .replaceAll(/(\d\.\d\d)\d+/g, '$1')
    // Patterns that draw nothing, and what would be painted with them; parts of no width.
    .replaceAll(/<path d="" [^>]*><\/path>\s*/g, '')
    .replaceAll(/<path d="M[\d. -]+l0 0[^>]*><\/path>\s*/g, '')
    .replaceAll(/<style\b[\s\S]*?<\/style>/g, '')
    .replaceAll(/ (?:ecmeta_\w+|class)="[^"]*"/g, '')
    .replaceAll(/ style="([^"]*)"/g, (_, style: string) =>
      style
        .split(';')
        .flatMap((rule) => {
          const [name, value] = rule.split(':').map((part) => part.trim());
          return name === 'font-size' && value ? [` font-size="${value}"`] : [];
        })
        .join(''),
    )
    .replaceAll(/zr\d+-/g, `${id}-`)
    .replaceAll(INK, 'var(--ink)')
    .replaceAll(LINE, 'var(--line)')
    .replaceAll(ON, 'var(--on)');
  for (const [pattern, id] of svgText.matchAll(/<pattern [^>]*id="([^"]+)">\s*<g >\s*<\/g>\s*<\/pattern>\s*/g))
    svgText = svgText
      .replace(pattern, '')
      .replaceAll(new RegExp(`<path [^>]*url\\(#${id}\\)[^>]*></path>\\s*`, 'g'), '');
  for (const colour of COLOURS) svgText = svgText.replaceAll(sentinel(colour), `var(--${colour})`);
  const head = html`<svg role="group" aria-label="${alternative}" data-drawn="${kind}"`.markup.concat(
    single ? ' preserveAspectRatio="none"' : '',
  );
  return svgText.replace('<svg', head).replaceAll(/\n+/g, '\n').trim();
}

/** One part of a bar: it says what it counts, and a click leads to the rows; what is nothing is not drawn. */
function linked(
  path: string,
  { bars, series: index, at }: { bars: StackedBars & { totals: readonly number[] }; series: number; at: number },
): string {
  const series = bars.series[index];
  const value = series?.values[at] ?? 0;
  if (!series || value === 0) return '';
  const name = bars.said?.[at] ?? bars.categories[at] ?? '';
  const place = bars.single ? '' : `${name}: `;
  const words = `${place}${number(value)} ${series.name.toLowerCase()} of ${plural(bars.totals[at] ?? 0, bars.unit)}`;
  const link = series.links?.[at];
  const bar = trusted(path);
  return link
    ? html`<a href="${link}" aria-label="${words}" data-at="${String(at)}">${bar}</a>`.markup
    : html`<g tabindex="0" role="img" aria-label="${words}" data-at="${String(at)}">${bar}</g>`.markup;
}
