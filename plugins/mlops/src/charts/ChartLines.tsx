import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import type { PointerEvent } from 'react';
import { plainFigure } from '../ui/figures';
import styles from './charts.module.css';
import { placesOf, rangeOf, styleOf, valueAt, type Series } from './series';

/** Pixels around the lines, where the axes stand. */
const size = { height: 190, left: 44, right: 14, top: 10, bottom: 34 };

/** The place that is nearest to a pointer over the chart. */
export function nearestPlace(
  event: PointerEvent<HTMLElement>,
  places: number[],
  width: number,
): number | undefined {
  const box = event.currentTarget.getBoundingClientRect();
  const x = ((event.clientX - box.left) / (box.width || 1)) * width;
  const wanted = horizontal(places, width).invert(x);
  return places.reduce<number | undefined>(
    (best, place) =>
      best === undefined || Math.abs(place - wanted) < Math.abs(best - wanted)
        ? place
        : best,
    undefined,
  );
}

function horizontal(places: number[], width: number) {
  return scaleLinear(rangeOf(places), [size.left, width - size.right]);
}

/** Axes and lines of a chart. */
export function ChartLines(props: {
  series: Series[];
  axis: string;
  width: number;
  at?: number;
}) {
  const { series, axis, width, at } = props;
  const places = placesOf(series);
  const x = horizontal(places, width);
  const values = series.flatMap(item => item.points.map(point => point.y));
  const y = scaleLinear(rangeOf(values), [
    size.height - size.bottom,
    size.top,
  ]).nice(4);
  const path = line<{ x: number; y: number }>(
    point => x(point.x),
    point => y(point.y),
  );
  return (
    <svg
      viewBox={`0 0 ${width} ${size.height}`}
      className={styles.lines}
      aria-hidden
    >
      <Axes {...{ x, y, axis, width }} whole={places.every(Number.isInteger)} />
      {at !== undefined && (
        <line
          className={styles.cursor}
          x1={x(at)}
          x2={x(at)}
          y1={size.top}
          y2={size.height - size.bottom}
        />
      )}
      {series.map((item, i) => (
        <Line key={item.name} item={item} position={i} path={path} />
      ))}
      {series.map((item, i) => {
        const value = at === undefined ? undefined : valueAt(item, at);
        return value === undefined ? null : (
          <circle
            key={item.name}
            cx={x(at!)}
            cy={y(value)}
            r={4}
            fill={styleOf(i).colour}
          />
        );
      })}
    </svg>
  );
}

function Line(props: {
  item: Series;
  position: number;
  path(points: Series['points']): string | null;
}) {
  const { colour, dashes } = styleOf(props.position);
  const alone = props.item.points.length === 1;
  return (
    <path
      d={props.path(props.item.points) ?? ''}
      fill="none"
      stroke={colour}
      // A line of one point is a dot: a round cap as wide as one.
      strokeWidth={alone ? 8 : 2}
      strokeLinecap="round"
      strokeDasharray={alone ? undefined : dashes}
    />
  );
}

type Scale = ReturnType<typeof horizontal>;

function Axes(props: {
  x: Scale;
  y: Scale;
  axis: string;
  width: number;
  whole: boolean;
}) {
  const { x, y, axis, width, whole } = props;
  const ticks = x
    .ticks(width / 80)
    .filter(tick => !whole || Number.isInteger(tick));
  return (
    <>
      {y.ticks(4).map(tick => (
        <g key={tick}>
          <line
            className={styles.grid}
            x1={size.left}
            x2={width - size.right}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text x={size.left - 8} y={y(tick) + 4} textAnchor="end">
            {plainFigure(tick)}
          </text>
        </g>
      ))}
      {ticks.map(tick => (
        <text
          key={tick}
          x={x(tick)}
          y={size.height - size.bottom + 16}
          textAnchor="middle"
        >
          {plainFigure(tick)}
        </text>
      ))}
      <text
        x={(size.left + width - size.right) / 2}
        y={size.height - 3}
        textAnchor="middle"
      >
        {axis}
      </text>
    </>
  );
}
