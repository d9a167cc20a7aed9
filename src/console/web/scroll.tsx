import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** A scrolling frame for wide content. It is focusable only while there is something to scroll. */
export function Scroll(props: {
  readonly label: string;
  readonly tall?: boolean;
  readonly children: ComponentChildren;
}) {
  const frame = useRef<HTMLDivElement>(null);
  const [scrolls, setScrolls] = useState(false);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() =>
      setScrolls(element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight),
    );
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => observer.disconnect();
  }, []);
  return (
    <div
      class={`scroll ${props.tall === true ? 'tall' : ''}`}
      ref={frame}
      {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': `${props.label}, scrollable` } : {})}
    >
      {props.children}
    </div>
  );
}
