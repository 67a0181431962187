import { addWrapper, type Building, leaveOut, outputsOf, type Site } from './building.ts';
import type { Node } from './parse.ts';
import type { ParsedAs } from './schema.ts';
import { rowByRow } from './single.ts';
import { type Composite, layerSpec, type Single } from './spec.ts';
import { shareOut } from './weight-names.ts';

const composites: readonly string[] = [
  'RNN',
  'Bidirectional',
  'TimeDistributed',
  'Sequential',
  'Functional',
] satisfies Composite[];

/**
 * TimeDistributed: the layer inside under the wrapper's name, each timestep by itself. What becomes several layers, or works row by row anyway,
 * keeps a name of its own inside a wrapper.
 */
export function planTimeDistributed(building: Building, node: Node, site: Site): void {
  const { args } = node.parsed as ParsedAs<'TimeDistributed'>;
  const [inner] = node.inner;
  const { class: className } = inner.parsed;
  if (className === 'Unknown' || className === 'Input') {
    leaveOut(building, node, site, 'the lab has no TimeDistributed around this class.', inner.className);
    return;
  }
  for (const [layer, value] of shareOut(node, building.given.get(node) ?? args.weights, `${site.path}.weights`))
    building.given.set(layer, value);
  const inside = {
    ...site,
    path: `${site.path}.${inner.place}`,
    frozen: site.frozen || args.trainable === false,
    timeDistributed: site.timeDistributed + 1,
  };
  const innerName = building.nameFor(inner.name, className);
  if (!composites.includes(className) && !isRowByRow(building, inner)) {
    building.plan(inner, inside);
    return;
  }
  const name = `${site.name}/${innerName}`;
  building.plan(inner, { ...inside, name, within: site.name });
  addWrapper(building, site, 'TimeDistributed', (call) => outputsOf(building, name, call));
}

function isRowByRow(building: Building, { parsed }: Node): boolean {
  try {
    return rowByRow(layerSpec(parsed as Single, '', building.defaults));
  } catch {
    return false; // Told, with its place, when it is planned.
  }
}
