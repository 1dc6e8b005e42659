import {
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  type ReactNode,
} from 'react';
import { useText } from '../translation';
import { moveAmongLines } from '../ui/moveAmongLines';
import { parseAnsi, type AnsiPart } from './ansi';
import { splitAround, type LogLine } from './LogText';
import styles from './LogView.module.css';

/** Height of a line; the sheet says the same. Equal heights let a log of any length be shown in parts. */
const lineHeight = 20;
/** Lines kept ready above and below what is in view. */
const spare = 40;
/** Where nothing is measured (before the first paint), this many lines are shown. */
const usualHeight = 420;

/** Lines of a log; only those in view are in the page, however long the log is. */
export function LogLines(props: {
  lines: LogLine[];
  empty: ReactNode;
  words: string;
  marked?: number;
  follows: boolean;
  onScrolledUp(): void;
  onScrolledDown(): void;
  onMark(number: number): void;
  /** The address of a line, for who opens it elsewhere or sends it on. */
  addressOf(number: number): string;
}) {
  const { lines, marked, follows } = props;
  const t = useText();
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const before = useRef(0);
  useLayoutEffect(() => {
    const element = frame.current;
    if (follows && element) element.scrollTop = element.scrollHeight;
  }, [follows, lines]);
  const place = lines.findIndex(({ number }) => number === marked);
  useEffect(() => {
    const element = frame.current;
    if (place >= 0 && element)
      element.scrollTop = place * lineHeight - element.clientHeight / 2;
  }, [place, marked]);
  const height = frame.current?.clientHeight || usualHeight;
  const first = Math.max(0, Math.floor(top / lineHeight) - spare);
  const last = Math.ceil((top + height) / lineHeight) + spare;
  const shown = lines.slice(first, last);
  const stop =
    shown.find(({ number }) => number === marked) ??
    lines[Math.ceil(top / lineHeight)] ??
    shown[0];
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={frame}
      className={styles.log}
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      role="log"
      // A reader of the screen asks for lines; a training would never stop talking.
      aria-live="off"
      aria-label={t('log.label')}
      onKeyDown={moveAmongLines}
      onScroll={({ currentTarget }) => {
        const { scrollTop, scrollHeight, clientHeight } = currentTarget;
        setTop(scrollTop);
        const atEnd = scrollHeight - scrollTop - clientHeight < lineHeight;
        if (atEnd) props.onScrolledDown();
        else if (scrollTop < before.current) props.onScrolledUp();
        before.current = scrollTop;
      }}
    >
      {lines.length === 0 && <div className={styles.empty}>{props.empty}</div>}
      <div style={{ height: lines.length * lineHeight }}>
        <div style={{ transform: `translateY(${first * lineHeight}px)` }}>
          {shown.map(line => (
            <Line
              key={line.number}
              line={line}
              words={props.words}
              marked={line.number === marked}
              stop={line === stop}
              onMark={props.onMark}
              address={props.addressOf(line.number)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function Line(props: {
  line: LogLine;
  words: string;
  marked: boolean;
  stop: boolean;
  address: string;
  onMark(number: number): void;
}) {
  const { line, words, marked, stop, onMark } = props;
  const { number, text } = line;
  const t = useText();
  return (
    <div
      className={marked ? styles.marked : styles.line}
      aria-current={marked ? 'location' : undefined}
    >
      <a
        className={styles.number}
        href={props.address}
        tabIndex={stop ? 0 : -1}
        aria-label={t('log.line', { line: String(number) })}
        onClick={event => {
          if (event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          onMark(number);
        }}
      >
        {number}
      </a>
      <code>
        {parseAnsi(text).map((part, i) => (
          // Parts of a line have no name but their place.
          // eslint-disable-next-line react/no-array-index-key
          <Part key={i} part={part} words={words} />
        ))}
      </code>
    </div>
  );
}

function Part({ part, words }: { part: AnsiPart; words: string }) {
  const { text, colour, bold } = part;
  return (
    <span style={{ color: colour, fontWeight: bold ? 700 : undefined }}>
      {splitAround(text, words).map((piece, i) =>
        i % 2 === 0 ? (
          piece
        ) : (
          // eslint-disable-next-line react/no-array-index-key
          <mark key={i}>{piece}</mark>
        ),
      )}
    </span>
  );
}
