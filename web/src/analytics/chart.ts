// Brought only when a chart is shown: nothing that an element needs at once may import this module.
import { LineChart } from 'echarts/charts';
import { AriaComponent, GridComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Point } from './series.ts';

use([LineChart, GridComponent, TooltipComponent, AriaComponent, SVGRenderer]);

/** The colours and the font of one look, as the browser computed them. */
export interface Look {
  line: string;
  ink: string;
  muted: string;
  grid: string;
  card: string;
  /** The family of the text. */
  font: string;
}

/** What is drawn. */
export interface Drawn {
  name: string;
  summary: string;
  points: Point[];
  /** Where the points are on the axis: wall time of the zone, so that its marks fall on the zone's days and hours. */
  walls: number[];
  /** The places of points that stand alone. */
  dots: Set<number>;
  locale: string;
  /** A value in full, and as short as beside an axis. */
  write: (value: number, space: 'small' | 'wide') => string;
  /** A moment in words. */
  moment: (instant: number) => string;
  /** Whether the axis begins at zero, as for rates. */
  fromZero: boolean;
}

/** A chart in its place; it keeps the place's size and shows what it was given last. */
export interface Chart {
  draw(drawn: Drawn, look: Look): void;
  resize(): void;
  leave(): void;
}

const DAY = 86_400_000;
const FEW = 40;

/** Puts a chart into an empty place that has a size already. */
export function place(element: HTMLElement): Chart {
  const chart = init(element, null, { renderer: 'svg' });
  return {
    draw: (drawn, look) => chart.setOption(optionOf(drawn, look), { notMerge: true }),
    resize: () => chart.resize(),
    leave: () => chart.dispose(),
  };
}

function optionOf(drawn: Drawn, look: Look): EChartsCoreOption {
  const { points, walls, dots } = drawn;
  const text = { color: look.muted, fontFamily: look.font, fontSize: 12 };
  return {
    useUTC: true,
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 300,
    aria: { enabled: true, label: { description: `${drawn.name}. ${drawn.summary}` } },
    grid: {
      left: 4,
      right: 12,
      top: 12,
      bottom: 6,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      backgroundColor: look.card,
      borderColor: look.grid,
      textStyle: { color: look.ink, fontFamily: look.font, fontSize: 14 },
      axisPointer: { lineStyle: { color: look.muted } },
      formatter: (hovered: { dataIndex: number }[]) => tooltip(drawn, hovered[0]?.dataIndex),
    },
    xAxis: {
      type: 'time',
      axisLabel: { ...text, hideOverlap: true, formatter: axisWords(drawn.locale, walls) },
      axisLine: { lineStyle: { color: look.grid } },
      axisTick: { show: false },
      splitNumber: 4,
      ...(points.length === 1 && { min: walls[0]! - DAY / 2, max: walls[0]! + DAY / 2 }),
    },
    yAxis: {
      type: 'value',
      scale: !drawn.fromZero,
      splitNumber: 3,
      axisLabel: { ...text, formatter: (value: number) => drawn.write(value, 'small') },
      splitLine: { lineStyle: { color: look.grid } },
      ...(drawn.fromZero ? { min: 0 } : { minInterval: 1 }),
    },
    series: {
      type: 'line',
      name: drawn.name,
      data: points.map(([, value], index) => ({
        value: [walls[index], value],
        symbolSize: dots.has(index) ? 8 : 5,
        symbol: dots.has(index) || points.length <= FEW ? 'circle' : 'none',
      })),
      showSymbol: true,
      connectNulls: false,
      color: look.line,
      lineStyle: { width: 2 },
      areaStyle: { opacity: drawn.fromZero ? 0.08 : 0 },
    },
  };
}

function axisWords(locale: string, walls: number[]): (wall: number) => string {
  const span = (walls.at(-1) ?? 0) - (walls[0] ?? 0);
  const options: Intl.DateTimeFormatOptions = {
    ...(span > DAY / 2 && { day: 'numeric', month: 'short' }),
    ...(span <= 2 * DAY && { hour: 'numeric', minute: '2-digit' }),
  };
  const format = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', ...options });
  return (wall) => format.format(wall);
}

// An element and no HTML text: nothing is parsed, and no style attribute is written.
function tooltip(drawn: Drawn, index: number | undefined): HTMLElement {
  const box = document.createElement('div');
  const [instant, value] = drawn.points[index ?? -1] ?? [];
  if (instant === undefined || value === undefined || value === null) return box;
  const strong = document.createElement('b');
  strong.textContent = drawn.write(value, 'wide');
  const when = document.createElement('div');
  when.textContent = drawn.moment(instant);
  box.append(strong, when);
  return box;
}
