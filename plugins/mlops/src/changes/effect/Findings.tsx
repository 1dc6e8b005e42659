import type { Problem } from '@backstage-mlops/argo-engine';
import {
  RiErrorWarningFill,
  RiErrorWarningLine,
  RiInformationLine,
} from '@remixicon/react';
import { useText } from '../../translation';
import { Code } from '../../ui/Panel';
import { Judged } from '../../ui/State';
import styles from './Effect.module.css';

const icons = {
  error: RiErrorWarningFill,
  warning: RiErrorWarningLine,
  notice: RiInformationLine,
} as const;
const tones = { error: 'bad', warning: 'warn', notice: 'quiet' } as const;

/** Faults and remarks about files, the heavy ones first; each leads to its line. */
export function Findings(props: {
  findings: Problem[];
  /** The file that is open; a finding in another names it. */
  file?: string;
  onLine?(line: number, column?: number): void;
}) {
  const { findings, file, onLine } = props;
  const t = useText();
  const order = Object.keys(icons);
  const sorted = [...findings].sort(
    (a, b) =>
      order.indexOf(a.severity) - order.indexOf(b.severity) || a.line - b.line,
  );
  return (
    <ul className={styles.findings} aria-label={t('effect.findings')}>
      {sorted.map(item => {
        const Icon = icons[item.severity];
        const here = file === undefined || item.file === file;
        const place = t('pipeline.line', { line: String(item.line) });
        return (
          <li
            key={`${item.file}:${item.line}:${item.column}:${item.message}`}
            className={styles.finding}
          >
            <Judged as={tones[item.severity]}>
              <Icon
                size={16}
                aria-label={t(`effect.severity.${item.severity}`)}
              />
            </Judged>
            <span>
              {here && onLine ? (
                <button
                  type="button"
                  className={styles.jump}
                  onClick={() => onLine(item.line, item.column)}
                >
                  {place}
                </button>
              ) : (
                <Code>{`${item.file}:${item.line}`}</Code>
              )}
              {`: ${item.message}`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
