import { useEffect, useRef } from 'preact/hooks';

interface MoreProps {
  readonly shown: number;
  readonly all: number;
  /** What there is more of, in the plural. */
  readonly what: string;
  readonly onMore: () => void;
}

/** The end of a list that grows when it comes into sight. The button is for people who do not scroll. */
export function More({ shown, all, what, onMore }: MoreProps) {
  const end = useRef<HTMLButtonElement>(null);
  const newest = useRef(onMore);
  newest.current = onMore;
  const isMore = shown < all;
  useEffect(() => {
    if (end.current === null || !isMore) return undefined;
    const watcher = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) newest.current();
      },
      { rootMargin: '300px' },
    );
    watcher.observe(end.current);
    return () => watcher.disconnect();
    // Observed again after each time: a list that is still short of the end of the window grows on.
  }, [isMore, shown]);
  if (!isMore) return null;
  return (
    <button ref={end} type="button" class="view-more" onClick={onMore}>
      {`${shown} of ${all} ${what}: show more`}
    </button>
  );
}
