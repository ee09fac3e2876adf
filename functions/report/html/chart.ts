import { BarChart } from 'echarts/charts';
import { AriaComponent, GridComponent, LegendComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { html, type Markup, trusted } from './escape.ts';
import { number } from './words.ts';

use([BarChart, AriaComponent, GridComponent, LegendComponent, SVGRenderer]);

export interface StackedBars {
  /** Names the chart's parts; letters and hyphens. */
  id: string;
  title: string;
  /** What the chart shows, in a sentence, for those who do not see it. */
  alternative: string;
  /** One bar each. */
  categories: string[];
  series: { name: string; colour: Colour; values: number[] }[];
  /** Bars lie: for long names. */
  lying?: boolean;
  /** Across the whole page. */
  wide?: boolean;
  /** One lying bar with its numbers on it: no axes, and what stands below it is the legend. */
  single?: boolean;
  /** Of 100 each, so that small and large categories compare. */
  shares?: boolean;
}

/** Colour-blind safe (Okabe and Ito); the values are in the style sheet, for light and dark. */
export const COLOURS = ['good', 'bad', 'gone', 'stopped', 'broken', 'foreign', 'unknown', 'none'] as const;
export type Colour = (typeof COLOURS)[number];

const WIDTH = 640;
const WIDE = 1180;
/** Room for the names of lying bars; the library guesses the width of letters, and cuts what it guesses wrong. */
const NAMES = 200;
/** Room for the axis and two lines of the legend. */
const FOOT = 74;
const INK = '#010101';
const LINE = '#010102';
/** Ink on a coloured bar. */
const ON = '#010103';
/** Room that a number needs on a bar. */
const LABEL_WIDTH = 44;
const sentinel = (colour: Colour): string => `#0102${(16 + COLOURS.indexOf(colour)).toString(16)}`;

/** A pattern besides the colour, the same wherever a colour is used. */
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

/** The chart as a figure: an SVG whose colours follow the page's theme, and the same numbers as a table. */
export function chart(bars: StackedBars): Markup {
  const series = bars.series.filter(({ values }) => values.some((value) => value > 0));
  return html`<figure class="chart${bars.wide ? ' wide' : ''}" id="chart-${bars.id}">
<figcaption>${bars.title}</figcaption>
<div class="scroll" tabindex="0" role="group" aria-label="${bars.title}">${trusted(svg({ ...bars, series }))}</div>
${bars.single ? null : numbersOf({ ...bars, series })}
</figure>`;
}

/** The chart's numbers as a table, for those who want them exactly, or cannot see the bars. */
const numbersOf = ({ title, categories, series }: StackedBars): Markup =>
  html`<details><summary>Show data table<span class="sr">: ${title}</span></summary><div class="scroll" tabindex="0" role="group" aria-label="${`${title}: numbers`}"><table>
<thead><tr><th scope="col"></th>${series.map(({ name }) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${categories.map(
    (category, index) =>
      html`<tr><th scope="row">${category}</th>${series.map(({ values }) => html`<td>${number(values[index] ?? 0)}</td>`)}</tr>`,
  )}</tbody></table></div></details>`;

function svg({
  id,
  alternative,
  categories,
  series,
  lying = false,
  shares = false,
  wide = false,
  single = false,
}: StackedBars): string {
  const totals = categories.map((_, index) => series.reduce((sum, { values }) => sum + (values[index] ?? 0), 0));
  const height = single ? 44 : lying ? FOOT + 10 + categories.length * 26 : 270;
  const category = {
    type: 'category',
    data: categories.map(short),
    inverse: lying,
    axisLine: { lineStyle: { color: LINE } },
    axisTick: { show: false },
    axisLabel: {
      color: INK,
      fontSize: 12,
      ...(lying ? { width: NAMES - 14, overflow: 'truncate' } : { hideOverlap: true }),
    },
  };
  const value = {
    type: 'value',
    ...(shares ? { max: 100, interval: 25 } : {}),
    minInterval: 1,
    splitNumber: 4,
    splitLine: { lineStyle: { color: LINE, opacity: 0.5 } },
    axisLabel: { color: INK, fontSize: 12, ...(shares ? { formatter: '{value} %' } : {}) },
  };
  const bare = { show: false };
  const grid = single
    ? { left: 0, right: 0, top: 4, bottom: 4 }
    : { left: lying ? NAMES : 60, right: 24, top: 10, bottom: FOOT };
  const all = Math.max(1, ...totals);
  /** A number is drawn where it has room. */
  const label = { show: true, color: ON, fontSize: 14, fontWeight: 'bold' };
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: wide ? WIDE : WIDTH, height });
  try {
    drawing.setOption({
      animation: false,
      aria: { enabled: true, decal: { show: true } },
      legend: single
        ? bare
        : { bottom: 0, textStyle: { color: INK, fontSize: 12 }, itemGap: 14, itemWidth: 18, selectedMode: false },
      grid,
      xAxis: single ? { type: 'value', max: all, ...bare } : lying ? value : category,
      yAxis: single ? { type: 'category', data: categories, ...bare } : lying ? category : value,
      series: series.map(({ name, colour, values }) => ({
        type: 'bar',
        stack: 'all',
        name,
        silent: true,
        emphasis: { disabled: true },
        barMaxWidth: single ? 36 : lying ? 18 : 40,
        ...(single && (values[0] ?? 0) * WIDE >= all * LABEL_WIDTH ? { label } : {}),
        itemStyle: { color: sentinel(colour), decal: DECALS[colour] },
        data: shares
          ? values.map((v, index) => ((totals[index] ?? 0) > 0 ? (v * 100) / (totals[index] ?? 1) : 0))
          : values,
      })),
    });
    return themed(drawing.renderToSVGString(), { id, alternative, stretch: single });
  } finally {
    // Without it a timer of the library keeps the process alive.
    drawing.dispose();
  }
}

const short = (name: string): string => (name.length > 60 ? `${name.slice(0, 59)}…` : name);

/**
 * The library's SVG as the page's policy admits it: no style sheet, no style attribute, colours as variables of the
 * theme, ids of the chart's own (the library counts them through the process, which no two runs would repeat).
 */
function themed(
  source: string,
  { id, alternative, stretch }: { id: string; alternative: string; stretch: boolean },
): string {
  let svgText = source
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
  for (const colour of COLOURS) svgText = svgText.replaceAll(sentinel(colour), `var(--${colour})`);
  const [, width = '', height = ''] = /<svg width="(\d+)" height="(\d+)"/.exec(svgText) ?? [];
  const name =
    html`<svg role="img" aria-label="${alternative}" viewBox="0 0 ${width} ${height}" width="${width}"`.markup.concat(
      stretch ? ' preserveAspectRatio="none"' : '',
    );
  return svgText
    .replace(/<svg width="\d+"/, name)
    .replaceAll(/\n+/g, '\n')
    .trim();
}
