import { Button } from '@backstage/ui';
import { useMemo, useState, type KeyboardEvent } from 'react';
import { useText } from '../translation';
import { figure, plainFigure } from '../ui/figures';
import { Table } from '../ui/Table';
import { useWidth } from '../ui/useWidth';
import { ChartLines, nearestPlace } from './ChartLines';
import styles from './charts.module.css';
import { placesOf, styleOf, valueAt, type Series } from './series';

/** Before it is measured. */
const usualWidth = 460;
/** Rows of the table; a longer series shows its newest. */
const maxRows = 200;

/** Lines over steps. The legend tells the values where the pointer or the arrow keys are; the same numbers stand in a table. */
export function LineChart(props: {
  title: string;
  series: Series[];
  axis?: string;
}) {
  const t = useText();
  const { title, axis = t('chart.step') } = props;
  const series = props.series.filter(item => item.points.length > 0);
  const [asTable, setAsTable] = useState(false);
  const [at, setAt] = useState<number>();
  if (series.length === 0) return null;
  return (
    <figure className={styles.figure}>
      <div className={styles.head}>
        <figcaption>{title}</figcaption>
        <Button
          size="small"
          variant="tertiary"
          onPress={() => setAsTable(!asTable)}
        >
          {asTable ? t('chart.asChart') : t('chart.asTable')}
        </Button>
      </div>
      {asTable ? (
        <Numbers title={title} series={series} axis={axis} />
      ) : (
        <Explorable {...{ title, series, axis, at }} onMove={setAt} />
      )}
      <Legend series={series} axis={axis} at={at} />
    </figure>
  );
}

function Explorable(props: {
  title: string;
  series: Series[];
  axis: string;
  at?: number;
  onMove(at: number | undefined): void;
}) {
  const t = useText();
  const { title, series, axis, at, onMove } = props;
  const places = useMemo(() => placesOf(series), [series]);
  const [frame, width = usualWidth] = useWidth();
  const ends = series.map(item => {
    const value = figure(item.points[item.points.length - 1].y);
    return t('chart.ends', { name: item.name, value });
  });
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const from = at === undefined ? -1 : places.indexOf(at);
    onMove(places[Math.max(0, Math.min(places.length - 1, from + step))]);
  };
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={frame}
      className={styles.frame}
      // The arrow keys read the chart out step by step in the legend, which is a status.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="img"
      aria-label={t('chart.summary', { title, series: ends.join(', ') })}
      title={t('chart.hint')}
      onKeyDown={move}
      onBlur={() => onMove(undefined)}
      onPointerLeave={() => onMove(undefined)}
      onPointerMove={event => onMove(nearestPlace(event, places, width))}
    >
      <ChartLines series={series} axis={axis} width={width} at={at} />
    </div>
  );
}

function Legend(props: { series: Series[]; axis: string; at?: number }) {
  const t = useText();
  const { series, axis, at } = props;
  return (
    <div
      className={styles.legend}
      role="status"
      // New points of a training are seen; a place that the reader chose is said aloud.
      aria-live={at === undefined ? 'off' : 'polite'}
    >
      {at !== undefined && (
        <strong>{t('chart.at', { axis, value: plainFigure(at) })}</strong>
      )}
      {series.map((item, i) => {
        const { colour, dashes } = styleOf(i);
        const last = item.points[item.points.length - 1].y;
        const value = at === undefined ? last : valueAt(item, at);
        return (
          <span key={item.name}>
            <svg width={26} height={8} aria-hidden>
              <line
                x2={26}
                y1={4}
                y2={4}
                stroke={colour}
                strokeWidth={2.5}
                strokeDasharray={dashes}
              />
            </svg>
            {item.name}
            <b>{value === undefined ? '' : figure(value)}</b>
          </span>
        );
      })}
    </div>
  );
}

function Numbers(props: { title: string; series: Series[]; axis: string }) {
  const t = useText();
  const { title, series, axis } = props;
  const rows = placesOf(series)
    .slice(-maxRows)
    .map(place => ({
      key: String(place),
      cells: [
        plainFigure(place),
        ...series.map(item => {
          const value = valueAt(item, place);
          return value === undefined ? '' : figure(value);
        }),
      ],
    }));
  return (
    <div className={styles.numbers}>
      <Table
        label={t('chart.tableOf', { title })}
        columns={[
          axis,
          ...series.map(item => ({ title: item.name, figures: true })),
        ]}
        rows={rows}
      />
    </div>
  );
}
