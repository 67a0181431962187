import { quickEnd } from './certain-width.ts';

const { Segmenter } = globalThis.Intl;

/**
 * Stands for Intl.Segmenter in the bundle (`define` and `inject` in package.json's build), in Ink too: the same graphemes, but ICU's tables, which
 * take longer to load than a screen to draw, only for text that needs them.
 */
export function QuickSegmenter(...given: ConstructorParameters<typeof Segmenter>): Pick<Intl.Segmenter, 'segment'> {
  let whole: Intl.Segmenter | undefined;
  const slowly = (text: string): Intl.Segments => {
    whole ??= new Segmenter(...given);
    return whole.segment(text);
  };
  const graphemes = (given[1]?.granularity ?? 'grapheme') === 'grapheme';
  return { segment: (text) => (graphemes ? quickly(text) : undefined) ?? slowly(text) };

  function quickly(input: string): Intl.Segments | undefined {
    const segments: Intl.SegmentData[] = [];
    for (let index = 0; index < input.length; ) {
      const end = quickEnd(input, index);
      if (end === 0) return undefined;
      segments.push({ segment: input.slice(index, end), index, input });
      index = end;
    }
    return Object.assign(segments, { containing: (at?: number) => slowly(input).containing(at) });
  }
}
