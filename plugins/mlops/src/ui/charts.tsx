import { scaleLinear } from 'd3-scale';
import { line } from 'd3-shape';
import { useState } from 'react';
import { figure } from './text';
import { styles, Table } from './ui';

/** One line of a chart. */
export interface Series {
  name: string;
  points: { x: number; y: number }[];
}

const colours = [
  '#3d7cc9',
  '#c0561d',
  '#2f8f5b',
  '#8b5fbf',
  '#a8861a',
  '#c0417a',
  '#4b8f9c',
  '#777777',
];
const dashes = ['', '6 3', '2 3', '8 3 2 3'];
const size = {
  width: 460,
  height: 220,
  left: 48,
  right: 12,
  top: 10,
  bottom: 30,
};

/** Lines over steps. Colour and dash tell lines apart; the same numbers are there as a table. */
export function LineChart({
  title,
  series,
  xLabel = 'step',
}: {
  title: string;
  series: Series[];
  xLabel?: string;
}) {
  const [asTable, setAsTable] = useState(false);
  const shown = series.filter(item => item.points.length > 0);
  if (shown.length === 0) return null;
  return (
    <figure style={{ margin: 0 }}>
      <div className={styles.between}>
        <figcaption style={{ fontWeight: 600, fontSize: '0.875rem' }}>
          {title}
        </figcaption>
        <button
          type="button"
          onClick={() => setAsTable(!asTable)}
          aria-pressed={asTable}
        >
          {asTable ? 'Show chart' : 'Show table'}
        </button>
      </div>
      {asTable ? (
        <Numbers title={title} series={shown} xLabel={xLabel} />
      ) : (
        <Lines title={title} series={shown} xLabel={xLabel} />
      )}
      <div className={styles.row} style={{ fontSize: '0.75rem' }}>
        {shown.map((item, i) => (
          <span key={item.name} className={styles.row} style={{ gap: 6 }}>
            <svg width={26} height={8} aria-hidden>
              <line
                x1={0}
                x2={26}
                y1={4}
                y2={4}
                stroke={colours[i % colours.length]}
                strokeWidth={2}
                strokeDasharray={dashes[Math.floor(i / 2) % dashes.length]}
              />
            </svg>
            {item.name}
          </span>
        ))}
      </div>
    </figure>
  );
}

function Lines({
  title,
  series,
  xLabel,
}: {
  title: string;
  series: Series[];
  xLabel: string;
}) {
  const points = series.flatMap(item => item.points);
  const range = (values: number[]): [number, number] => {
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return low === high ? [low - 0.5, high + 0.5] : [low, high];
  };
  const x = scaleLinear(range(points.map(point => point.x)), [
    size.left,
    size.width - size.right,
  ]);
  const y = scaleLinear(range(points.map(point => point.y)), [
    size.height - size.bottom,
    size.top,
  ]).nice(4);
  const path = line<{ x: number; y: number }>(
    point => x(point.x),
    point => y(point.y),
  );
  const last = series
    .map(
      item =>
        `${item.name} ends at ${figure(item.points[item.points.length - 1].y)}`,
    )
    .join(', ');
  return (
    <svg
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-label={`${title}: ${last}`}
      style={{ width: '100%', maxWidth: 640 }}
    >
      {y.ticks(4).map(tick => (
        <g key={tick}>
          <line
            x1={size.left}
            x2={size.width - size.right}
            y1={y(tick)}
            y2={y(tick)}
            stroke="currentColor"
            strokeOpacity={0.15}
          />
          <text
            x={size.left - 6}
            y={y(tick) + 4}
            textAnchor="end"
            fontSize={11}
            fill="currentColor"
          >
            {figure(tick)}
          </text>
        </g>
      ))}
      {x
        .ticks(6)
        .filter(Number.isInteger)
        .map(tick => (
          <text
            key={tick}
            x={x(tick)}
            y={size.height - 12}
            textAnchor="middle"
            fontSize={11}
            fill="currentColor"
          >
            {tick}
          </text>
        ))}
      <text
        x={size.width - size.right}
        y={size.height - 1}
        textAnchor="end"
        fontSize={10}
        fill="currentColor"
        opacity={0.7}
      >
        {xLabel}
      </text>
      {series.map((item, i) => (
        <path
          key={item.name}
          d={path(item.points) ?? ''}
          fill="none"
          stroke={colours[i % colours.length]}
          strokeWidth={2}
          strokeDasharray={dashes[Math.floor(i / 2) % dashes.length]}
        />
      ))}
      {series.map(
        (item, i) =>
          item.points.length === 1 && (
            <circle
              key={item.name}
              cx={x(item.points[0].x)}
              cy={y(item.points[0].y)}
              r={4}
              fill={colours[i % colours.length]}
            />
          ),
      )}
    </svg>
  );
}

function Numbers({
  title,
  series,
  xLabel,
}: {
  title: string;
  series: Series[];
  xLabel: string;
}) {
  const steps = [
    ...new Set(series.flatMap(item => item.points.map(point => point.x))),
  ]
    .sort((a, b) => a - b)
    .slice(-200);
  const rows = steps.map(step => ({
    key: String(step),
    cells: [
      step,
      ...series
        .map(item => item.points.find(point => point.x === step)?.y)
        .map(value => (value === undefined ? '' : figure(value))),
    ],
  }));
  return (
    <div style={{ maxHeight: 260, overflow: 'auto' }}>
      <Table
        label={`${title} as a table`}
        head={[xLabel, ...series.map(item => item.name)]}
        rows={rows}
        numbers={series.map((_, i) => i + 1)}
      />
    </div>
  );
}

/** A metric over versions, small. */
export function Sparkline({
  values,
  label,
}: {
  values: number[];
  label: string;
}) {
  if (values.length < 2) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (i: number) => 3 + (i * 74) / (values.length - 1);
  const y = (value: number) => 21 - ((value - low) / (high - low || 1)) * 18;
  return (
    <svg
      width={80}
      height={24}
      role="img"
      aria-label={`${label}: ${values.map(figure).join(', ')}`}
    >
      <polyline
        points={values.map((value, i) => `${x(i)},${y(value)}`).join(' ')}
        fill="none"
        stroke="currentColor"
        strokeWidth={1.5}
      />
      <circle
        cx={x(values.length - 1)}
        cy={y(values[values.length - 1])}
        r={2.5}
        fill="currentColor"
      />
    </svg>
  );
}

/** Counts in bins or by name. */
export function Bars({
  title,
  items,
}: {
  title: string;
  items: { label: string; count: number }[];
}) {
  const top = Math.max(1, ...items.map(item => item.count));
  return (
    <figure style={{ margin: 0 }}>
      <figcaption
        style={{ fontWeight: 600, fontSize: '0.875rem', marginBottom: 6 }}
      >
        {title}
      </figcaption>
      <div
        style={{
          display: 'grid',
          gridTemplateColumns: 'minmax(60px, max-content) 1fr max-content',
          gap: '2px 8px',
          fontSize: '0.75rem',
          alignItems: 'center',
        }}
      >
        {items.map(item => (
          <BarRow key={item.label} {...item} share={item.count / top} />
        ))}
      </div>
    </figure>
  );
}

function BarRow({
  label,
  count,
  share,
}: {
  label: string;
  count: number;
  share: number;
}) {
  return (
    <>
      <span>{label}</span>
      <span
        style={{
          height: 12,
          width: `${Math.max(1, share * 100)}%`,
          background: colours[0],
          borderRadius: 2,
        }}
      />
      <span style={{ fontVariantNumeric: 'tabular-nums' }}>{count}</span>
    </>
  );
}
