import { useEffect, useState } from 'preact/hooks';

type TokensOf = typeof import('./query/dialect.js').tokensOf;

let loaded: TokensOf | undefined;

/** Shows a statement. It is plain text until the highlighter has loaded. */
export function SqlText({ sql }: { readonly sql: string }) {
  const [tokensOf, setTokensOf] = useState<TokensOf | undefined>(() => loaded);
  useEffect(() => {
    if (loaded !== undefined) return;
    void import('./query/dialect.js').then((module) => {
      loaded = module.tokensOf;
      setTokensOf(() => module.tokensOf);
    });
  }, []);
  return (
    <pre class="sql">
      {tokensOf === undefined
        ? sql
        : tokensOf(sql).map(({ text, classes }, i) =>
            classes === '' ? (
              text
            ) : (
              <span class={classes} key={i}>
                {text}
              </span>
            ),
          )}
    </pre>
  );
}
