import {
  autocompletion,
  closeBrackets,
  completionKeymap,
  type CompletionContext,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
} from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import type { Completions, Problem } from '@backstage-mlops/argo-engine';
import { useEffect, useRef } from 'react';
import { differentPart } from '../diff/parseDiff';
import { editorTheme } from './editorTheme';
import { changeText, withPlainEnds, type TypedChange } from './lineEnds';

/** A place that the reader wants to see; the same place again is a new wish. */
export interface Jump {
  line: number;
  column?: number;
}

/** Marks what was not typed here. */
const fromOutside = Annotation.define<boolean>();

/** The text of a file, with colours, numbers, marks at faulty lines and suggestions. */
export function YamlEditor(props: {
  label: string;
  value: string;
  onChange(value: string): void;
  problems: Problem[];
  jump?: Jump;
  /** Not YAML: no colours. */
  plain?: boolean;
  /** Completions, where there are any. */
  suggest?(text: string, offset: number): Completions;
}) {
  const { label, value, problems, jump } = props;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>();
  const latest = useRef(props);
  latest.current = props;
  // What the editor stands for, with the file's own ends of lines.
  const held = useRef(value);
  useEffect(() => {
    held.current = latest.current.value;
    const made = new EditorView({
      parent: place.current!,
      state: EditorState.create({
        doc: withPlainEnds(held.current),
        extensions: extensionsOf(
          label,
          () => latest.current,
          changes => {
            held.current = changeText(held.current, changes);
            latest.current.onChange(held.current);
          },
        ),
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [label]);
  useEffect(() => {
    if (!view.current || value === held.current) return;
    held.current = value;
    takeText(view.current, withPlainEnds(value));
  }, [value]);
  useEffect(() => {
    if (view.current) markProblems(view.current, problems);
  }, [problems, value]);
  useEffect(() => {
    if (view.current && jump) show(view.current, jump);
  }, [jump]);
  return <div ref={place} />;
}

type Latest = () => Parameters<typeof YamlEditor>[0];

function extensionsOf(
  label: string,
  latest: Latest,
  onType: (changes: TypedChange[]) => void,
) {
  return [
    lineNumbers(),
    foldGutter(),
    lintGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    // Prose is read in lines as wide as the page; YAML says something by its columns.
    ...(latest().plain ? [EditorView.lineWrapping] : [yaml()]),
    ...(latest().suggest
      ? [
          autocompletion({
            override: [context => suggestionsOf(context, latest)],
          }),
        ]
      : []),
    // Tab leaves the editor, as it leaves any field; Ctrl-] indents.
    keymap.of([
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...completionKeymap,
      ...lintKeymap,
    ]),
    editorTheme,
    EditorView.contentAttributes.of({
      'aria-label': label,
      spellcheck: 'false',
    }),
    EditorView.updateListener.of(update => {
      const own = update.transactions.some(
        one => one.docChanged && !one.annotation(fromOutside),
      );
      if (!own) return;
      const changes: TypedChange[] = [];
      update.changes.iterChanges((from, to, _a, _b, insert) =>
        changes.push({ from, to, insert: insert.toString() }),
      );
      onType(changes);
    }),
  ];
}

function suggestionsOf(context: CompletionContext, latest: Latest) {
  const { state, pos, explicit } = context;
  const found = latest().suggest?.(state.doc.toString(), pos);
  if (!found || found.items.length === 0) return null;
  const { from, to, items } = found;
  // Nothing pops up in an empty place unless it is asked for.
  if (!explicit && from === pos) return null;
  return {
    from,
    to,
    options: items.map(({ label, kind, detail, insert }) => ({
      label,
      type: kindsOfIcon[kind],
      detail,
      apply: insert,
    })),
  };
}

const kindsOfIcon = {
  field: 'property',
  value: 'enum',
  tag: 'variable',
} as const;

/** Takes a text over by the part that differs, so that the cursor and what can be undone stay. */
function takeText(view: EditorView, value: string): void {
  const before = view.state.doc.toString();
  if (before === value) return;
  const { start, end } = differentPart(before, value);
  view.dispatch({
    changes: {
      from: start,
      to: end,
      insert: value.slice(start, value.length - (before.length - end)),
    },
    annotations: fromOutside.of(true),
  });
}

function markProblems(view: EditorView, problems: Problem[]): void {
  const { doc } = view.state;
  const diagnostics = problems
    .filter(({ line }) => line >= 1 && line <= doc.lines)
    .map(({ line, column, severity, message }) => {
      const row = doc.line(line);
      const from = Math.min(row.to, row.from + Math.max(0, column - 1));
      return {
        from,
        to: row.to,
        severity: severity === 'notice' ? ('info' as const) : severity,
        message,
      };
    })
    .sort((a, b) => a.from - b.from);
  view.dispatch(setDiagnostics(view.state, diagnostics));
}

function show(view: EditorView, { line, column = 1 }: Jump): void {
  const { doc } = view.state;
  const row = doc.line(Math.max(1, Math.min(line, doc.lines)));
  const at = Math.min(row.to, row.from + Math.max(0, column - 1));
  view.dispatch({
    selection: { anchor: at },
    effects: EditorView.scrollIntoView(at, { y: 'center' }),
  });
  view.focus();
}
