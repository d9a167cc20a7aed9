import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { sql } from '@codemirror/lang-sql';
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { useEffect, useRef } from 'preact/hooks';
import type { Catalog, Span } from '../../wire.js';
import { completionSource } from './completion.js';
import { ksqldb } from './dialect.js';

/** What the page can do with the editor. */
export interface EditorHandle {
  text(): string;
  /** Returns the selected text and its offset, or the whole text if nothing is selected. */
  chosen(): { readonly text: string; readonly from: number };
  replace(text: string): void;
  showError(at: Span, message: string): void;
  clearErrors(): void;
  focus(): void;
}

interface EditorProps {
  readonly initial: string;
  readonly catalog: Catalog | undefined;
  readonly onReady: (handle: EditorHandle) => void;
  readonly onRun: () => void;
  readonly onChange: (text: string) => void;
}

export function Editor(props: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const view = new EditorView({
      parent: host.current as HTMLDivElement,
      state: EditorState.create({ doc: latest.current.initial, extensions: extensions(latest) }),
    });
    latest.current.onReady(handleOf(view));
    return () => view.destroy();
  }, []);
  return <div class="editor" ref={host} />;
}

function extensions(props: { readonly current: EditorProps }) {
  const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
  return [
    EditorView.cspNonce.of(nonce),
    EditorView.contentAttributes.of({ 'aria-label': 'ksqlDB statements', spellcheck: 'false' }),
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    lintGutter(),
    syntaxHighlighting(classHighlighter),
    sql({ dialect: ksqldb }),
    autocompletion({ override: [completionSource(() => props.current.catalog)], maxRenderedOptions: 60 }),
    placeholder('SELECT * FROM … EMIT CHANGES;'),
    keymap.of([
      {
        key: 'Mod-Enter',
        run: () => {
          props.current.onRun();
          return true;
        },
      },
      // Only while the completion list is open. Otherwise Tab leaves the editor, and Ctrl-] indents.
      { key: 'Tab', run: acceptCompletion },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...defaultKeymap,
      ...historyKeymap,
    ]),
    EditorView.lineWrapping,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) props.current.onChange(update.state.doc.toString());
    }),
  ];
}

function handleOf(view: EditorView): EditorHandle {
  const show = (diagnostics: readonly Diagnostic[]) => view.dispatch(setDiagnostics(view.state, diagnostics));
  return {
    text: () => view.state.doc.toString(),
    chosen: () => {
      const { from, to } = view.state.selection.main;
      const all = from === to;
      return { text: all ? view.state.doc.toString() : view.state.sliceDoc(from, to), from: all ? 0 : from };
    },
    replace: (text) =>
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        selection: { anchor: text.length },
      }),
    showError: (at, message) => {
      const length = view.state.doc.length;
      const from = Math.min(at.from, length);
      show([{ from, to: Math.min(Math.max(at.to, from + 1), length), severity: 'error', message }]);
      view.dispatch({ effects: EditorView.scrollIntoView(from, { y: 'nearest' }) });
    },
    clearErrors: () => show([]),
    focus: () => view.focus(),
  };
}
