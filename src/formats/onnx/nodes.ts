import { LabError, quote } from '../../math/lab-error.ts';
import { cannot } from './building.ts';
import { type FunctionProto, type NodeProto, readGraph } from './model-proto.ts';

/** As deep as functions may use each other, and graphs lie in nodes. */
const MAX_DEPTH = 6;
const MAX_NODES = 20_000;

/** The nodes with those of the file's own functions in place of their uses. */
export function inlined(nodes: readonly NodeProto[], functions: readonly FunctionProto[]): readonly NodeProto[] {
  if (functions.length === 0) return nodes;
  const known = new Map(functions.map((one) => [`${one.domain}\n${one.name}`, one]));
  const all: NodeProto[] = [];
  const place = (node: NodeProto, depth: number, path: string) => {
    const own = known.get(`${node.domain}\n${node.opType}`);
    if (own === undefined) all.push(node);
    else if (depth === MAX_DEPTH) throw cannot(`the function ${quote(own.name)} uses itself, or others too deep.`);
    else
      for (const [at, inner] of own.nodes.entries()) place(bound(inner, node, own, path), depth + 1, `${path}/${at}`);
    if (all.length > MAX_NODES) throw cannot(`the functions of the file make more than ${MAX_NODES} nodes.`);
  };
  nodes.forEach((node, at) => {
    place(node, 0, node.name || `${node.opType}_${at}`);
  });
  return all;
}

/** A node of a function with the names and attributes of where the function is used. */
function bound(inner: NodeProto, use: NodeProto, own: FunctionProto, path: string): NodeProto {
  const names = new Map<string, string>([
    ...own.inputs.map((name, at): [string, string] => [name, use.inputs[at] ?? '']),
    ...own.outputs.map((name, at): [string, string] => [name, use.outputs[at] || `${path}//${name}`]),
  ]);
  const named = (name: string) => (name === '' ? '' : (names.get(name) ?? `${path}//${name}`));
  const attributes = new Map(
    [...inner.attributes].flatMap(([name, attribute]) => {
      const value = attribute.reference === '' ? attribute : use.attributes.get(attribute.reference);
      return value ? [[name, value]] : [];
    }),
  );
  return {
    ...inner,
    name: `${path}/${inner.name || inner.opType}`,
    inputs: inner.inputs.map(named),
    outputs: inner.outputs.map(named),
    attributes,
  };
}

/** The nodes so that each stands after what it needs. `given`: names that are there from the beginning. */
export function ordered(nodes: readonly NodeProto[], given: Iterable<string>): NodeProto[] {
  const makers = new Map<string, number>();
  const start = new Set(given);
  nodes.forEach((node, at) => {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (makers.has(output) || start.has(output))
        throw new LabError({ path: 'graph', problem: 'a tensor is made twice.', received: quote(output) });
      makers.set(output, at);
    }
  });
  const needs = nodes.map((node) => {
    const inside = captured(node).filter((name) => makers.has(name) && !node.outputs.includes(name));
    return new Set([...node.inputs, ...inside]);
  });
  const missing = needs.map((inputs) => [...inputs].filter((name) => makers.has(name)).length);
  const users = new Map<string, number[]>();
  nodes.forEach(({ opType, name }, at) => {
    for (const input of needs[at]) {
      if (input === '') continue;
      const known = users.get(input);
      if (known) known.push(at);
      else if (makers.has(input)) users.set(input, [at]);
      else if (!start.has(input)) {
        throw new LabError({
          path: `graph.node ${quote(name || opType)}`,
          problem: 'it needs a tensor that nothing makes.',
          received: quote(input),
        });
      }
    }
  });
  const ready = nodes.flatMap((_, at) => (missing[at] === 0 ? [at] : []));
  const done: NodeProto[] = [];
  for (let n = 0; n < ready.length; n++) {
    const node = nodes[ready[n]];
    done.push(node);
    for (const output of new Set(node.outputs))
      for (const user of users.get(output) ?? []) if (--missing[user] === 0) ready.push(user);
  }
  if (done.length < nodes.length) {
    const stuck = nodes.find((_, at) => missing[at] > 0);
    throw new LabError({
      path: 'graph',
      problem: 'the nodes are wired in a circle, so that none of them can run first.',
      received: quote(stuck?.name || stuck?.opType),
    });
  }
  return done;
}

/** What the graphs within a node read of the graph around. */
function captured({ attributes }: NodeProto): string[] {
  return [...attributes].flatMap(([name, { g }]) => {
    if (g === null) return [];
    const graph = readGraph(g, `graph.${name}`);
    const own = new Set([
      ...graph.nodes.flatMap(({ outputs }) => outputs),
      ...[...graph.inputs, ...graph.initializers].map((one) => one.name),
    ]);
    const outputs = graph.outputs.map((output) => output.name);
    return [...counted(graph.nodes, outputs).keys()].filter((one) => !own.has(one));
  });
}

/** How often each tensor is needed: by nodes, by graphs within nodes, and as an output. */
export function counted(nodes: readonly NodeProto[], outputs: readonly string[]): Map<string, number> {
  const uses = new Map<string, number>();
  const use = (name: string) => uses.set(name, (uses.get(name) ?? 0) + 1);
  const count = (inside: readonly NodeProto[], ends: readonly string[], depth: number) => {
    for (const name of ends) use(name);
    for (const { inputs, attributes } of inside) {
      for (const name of inputs) if (name !== '') use(name);
      for (const [name, { g }] of attributes) {
        if (g === null || depth === MAX_DEPTH) continue;
        const graph = readGraph(g, `graph.${name}`);
        count(
          graph.nodes,
          graph.outputs.map((output) => output.name),
          depth + 1,
        );
      }
    }
  };
  count(nodes, outputs, 0);
  return uses;
}
