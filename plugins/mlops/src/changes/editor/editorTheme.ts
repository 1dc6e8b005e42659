import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

const words = HighlightStyle.define([
  {
    tag: [tags.propertyName, tags.definition(tags.propertyName)],
    color: 'var(--bui-announcement-fg-subdued)',
  },
  {
    tag: [tags.string, tags.attributeValue],
    color: 'var(--bui-positive-fg-subdued)',
  },
  {
    tag: [tags.number, tags.bool, tags.labelName, tags.typeName],
    color: 'var(--bui-warning-fg-subdued)',
  },
  {
    tag: [tags.comment, tags.meta],
    color: 'var(--bui-fg-secondary)',
    fontStyle: 'italic',
  },
  { tag: tags.invalid, color: 'var(--bui-negative-fg-subdued)' },
]);

const looks = EditorView.theme({
  '&': {
    color: 'var(--bui-fg-primary)',
    backgroundColor: 'var(--bui-bg-app)',
    fontSize: 'var(--bui-font-size-2)',
    border: '1px solid var(--bui-border-2)',
    borderRadius: 'var(--bui-radius-2)',
    maxHeight: 'var(--editor-height, 70vh)',
  },
  '&.cm-focused': {
    outline: '2px solid var(--bui-ring)',
    outlineOffset: '1px',
  },
  '.cm-scroller': {
    fontFamily: 'var(--bui-font-monospace)',
    lineHeight: '20px',
    overflow: 'auto',
  },
  '.cm-content': { caretColor: 'var(--bui-fg-primary)' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--bui-fg-primary)' },
  '.cm-gutters': {
    color: 'var(--bui-fg-secondary)',
    backgroundColor: 'var(--bui-bg-neutral-1)',
    borderRight: '1px solid var(--bui-border-1)',
  },
  '.cm-activeLine, .cm-activeLineGutter': {
    backgroundColor:
      'color-mix(in srgb, var(--bui-announcement-fg-subdued) 8%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground, .cm-content ::selection':
    {
      backgroundColor:
        'color-mix(in srgb, var(--bui-announcement-fg-subdued) 28%, transparent)',
    },
  '.cm-tooltip, .cm-panels': {
    color: 'var(--bui-fg-primary)',
    backgroundColor: 'var(--bui-bg-app)',
    border: '1px solid var(--bui-border-2)',
    borderRadius: 'var(--bui-radius-2)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    color: 'var(--bui-accent-fg)',
    backgroundColor: 'var(--bui-accent-bg)',
  },
  '.cm-completionDetail': { color: 'inherit', fontStyle: 'normal' },
  '.cm-diagnostic': { padding: '4px 8px' },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--bui-negative-fg-subdued)' },
  '.cm-diagnostic-warning': {
    borderLeftColor: 'var(--bui-warning-fg-subdued)',
  },
  '.cm-diagnostic-info': {
    borderLeftColor: 'var(--bui-announcement-fg-subdued)',
  },
  '.cm-searchMatch': {
    backgroundColor:
      'color-mix(in srgb, var(--bui-warning-fg-subdued) 30%, transparent)',
  },
  '.cm-foldPlaceholder': {
    color: 'var(--bui-fg-secondary)',
    backgroundColor: 'var(--bui-bg-neutral-2)',
    border: '0',
  },
});

/** Colours and sizes of the editor from the tokens of the portal, light and dark alike. */
export const editorTheme = [looks, syntaxHighlighting(words)];
