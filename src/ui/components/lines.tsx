import { Box, Text } from 'ink';
import { memo } from 'react';
import type { Line } from '../line.ts';
import type { Theme } from '../theme/theme.ts';

/** Lines, one Text each: a Text for each cell would cost ten times as much. */
export function Lines({ lines, theme }: { lines: readonly Line[]; theme: Theme }) {
  return (
    <Box flexDirection="column">
      {lines.map((line, at) => (
        <Row key={at} line={line} theme={theme} />
      ))}
    </Box>
  );
}

interface RowProps {
  readonly line: Line;
  readonly theme: Theme;
}

/** Most rows are the same in the next frame, and Ink measures only those that it is given anew. */
const Row = memo(
  function Row({ line, theme }: RowProps) {
    return (
      <Text wrap="truncate">
        {line.length === 0 ? ' ' : null}
        {line.map((part, at) => {
          if (typeof part === 'string') return oneRow(part);
          const { text, tone, bold, dim, inverse } = part;
          if (tone === undefined && !bold && !dim && !inverse) return oneRow(text);
          const style = tone === undefined ? {} : theme.tones[tone];
          return (
            <Text
              key={at}
              {...style}
              {...(bold && { bold })}
              {...(dim && { dimColor: dim })}
              {...(inverse && { inverse })}
            >
              {oneRow(text)}
            </Text>
          );
        })}
      </Text>
    );
  },
  (before, after) => before.theme === after.theme && isSameLine(before.line, after.line),
);

function isSameLine(a: Line, b: Line): boolean {
  return a.length === b.length && a.every((part, at) => isSamePart(part, b[at]));
}

function isSamePart(a: Line[number], b: Line[number]): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return (
    a.text === b.text && a.tone === b.tone && !a.bold === !b.bold && !a.dim === !b.dim && !a.inverse === !b.inverse
  );
}

/** Names and words come from files: a line feed or an escape sequence in one must not reach the terminal. */
function oneRow(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd');
}
