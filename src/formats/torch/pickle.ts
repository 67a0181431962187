import { LabError } from '../../math/lab-error.ts';
import { decimal, type PickleBytes, pickleBytes, unescaped, unquoted } from './pickle-bytes.ts';
import { construct, globalNamed, newObject, setState } from './pickle-globals.ts';
import { append, type Machine, pop, popMany, popMark, push, recall, setItems, top, weigh } from './pickle-machine.ts';
import { type PickleValue, pickleMap } from './pickle-value.ts';

/** As many opcodes, and as many containers, as a pickle may have: more than any checkpoint's, and memory stays bounded. */
const MAX_OPCODES = 8_000_000;
const MAX_CONTAINERS = 1_000_000;

/**
 * Reads one pickle of protocols 0 to 5 as inert data: nothing it names is imported, and nothing is called. A function that it would call is refused by
 * name, except the few that put tensors and containers together, which are understood here (pickle-globals.ts).
 * `persistent` gives what a persistent id stands for. Throws a LabError with the place in the pickle. Source: CPython's Lib/pickletools.py.
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  place: string,
  persistent: (id: PickleValue) => PickleValue,
): { value: PickleValue; end: number } {
  const source = pickleBytes(bytes, start, place);
  const machine: Machine = {
    source,
    persistent,
    stack: [],
    marked: [],
    memo: new Map(),
    containers: 0,
    work: 4 * bytes.length + 2 ** 24,
  };
  try {
    for (let count = 0; count < MAX_OPCODES; count++) {
      const code = source.byte();
      if (code === STOP) return { value: pop(machine), end: source.at };
      step(machine, code);
      if (machine.containers > MAX_CONTAINERS) break;
    }
  } catch (error) {
    throw error instanceof LabError && !error.fields.path
      ? error.within({ path: `${place}, byte ${source.at}` })
      : error;
  }
  throw source.fail('the pickle has more parts than the lab reads');
}

const STOP = 0x2e;

function step(machine: Machine, code: number): void {
  const { source, stack, memo } = machine;
  switch (String.fromCharCode(code)) {
    case '\x80': // PROTO
      if (source.byte() > 5) throw source.fail('the pickle is of a newer protocol than 5');
      return;
    case '\x95': // FRAME
      source.whole(8);
      return;
    case '(': // MARK
      machine.containers++;
      machine.marked.push(stack);
      machine.stack = [];
      return;
    case '0': // POP
      if (stack.length > 0) stack.pop();
      else popMark(machine);
      return;
    case '1': // POP_MARK
      popMark(machine);
      return;
    case '2': // DUP
      stack.push(top(machine));
      return;
    case 'N':
      stack.push(null);
      return;
    case '\x88':
    case '\x89':
      stack.push(code === 0x88);
      return;
    case 'K': // BININT1
      stack.push(source.whole(1));
      return;
    case 'M': // BININT2
      stack.push(source.whole(2));
      return;
    case 'J': // BININT
      stack.push(source.int32());
      return;
    case 'G': // BINFLOAT
      stack.push(source.float());
      return;
    case '\x8a': // LONG1
      stack.push(source.long(source.whole(1)));
      return;
    case '\x8b': // LONG4
      stack.push(source.long(source.whole(4)));
      return;
    case 'I': {
      const line = source.line();
      stack.push(line === '00' ? false : line === '01' ? true : whole(source, line));
      return;
    }
    case 'L':
      stack.push(whole(source, source.line()));
      return;
    case 'F':
      stack.push(floatOf(source.line()));
      return;
    case 'S': // STRING
      stack.push(unquoted(source.line()));
      return;
    case 'V': // UNICODE
      stack.push(unescaped(source.line()));
      return;
    case 'U': // SHORT_BINSTRING
    case '\x8c': // SHORT_BINUNICODE
      stack.push(source.text(source.whole(1)));
      return;
    case 'T': // BINSTRING
    case 'X': // BINUNICODE
      stack.push(source.text(source.whole(4)));
      return;
    case '\x8d': // BINUNICODE8
      stack.push(source.text(source.whole(8)));
      return;
    case 'C': // SHORT_BINBYTES
      stack.push(source.bytes(source.whole(1)));
      return;
    case 'B': // BINBYTES
      stack.push(source.bytes(source.whole(4)));
      return;
    case '\x8e': // BINBYTES8
    case '\x96': // BYTEARRAY8
      stack.push(source.bytes(source.whole(8)));
      return;
    case ')': // EMPTY_TUPLE
    case ']': // EMPTY_LIST
    case '\x8f': // EMPTY_SET
      push(machine, []);
      return;
    case '}': // EMPTY_DICT
      push(machine, pickleMap());
      return;
    case '\x85': // TUPLE1
    case '\x86': // TUPLE2
    case '\x87': // TUPLE3
      push(machine, popMany(machine, code - 0x84));
      return;
    case 't': // TUPLE
    case 'l': // LIST
    case '\x91': // FROZENSET
      push(machine, popMark(machine));
      return;
    case 'd': {
      // DICT
      const items = popMark(machine);
      const map = pickleMap();
      push(machine, map);
      setItems(machine, map, items);
      return;
    }
    case 'a': // APPEND
      append(machine, [pop(machine)]);
      return;
    case 'e': // APPENDS
    case '\x90': // ADDITEMS
      append(machine, popMark(machine));
      return;
    case 's': // SETITEM
    case 'u': {
      // SETITEMS
      const items = code === 0x73 ? popMany(machine, 2) : popMark(machine);
      setItems(machine, top(machine), items);
      return;
    }
    case 'p': // PUT
      memo.set(index(source, source.line()), top(machine));
      return;
    case 'q': // BINPUT
      memo.set(source.whole(1), top(machine));
      return;
    case 'r': // LONG_BINPUT
      memo.set(source.whole(4), top(machine));
      return;
    case '\x94': // MEMOIZE
      memo.set(memo.size, top(machine));
      return;
    case 'g': // GET
      recall(machine, index(source, source.line()));
      return;
    case 'h': // BINGET
      recall(machine, source.whole(1));
      return;
    case 'j': // LONG_BINGET
      recall(machine, source.whole(4));
      return;
    case 'c': // GLOBAL
      push(machine, globalNamed(source.line(), source.line()));
      return;
    case '\x93': {
      // STACK_GLOBAL
      const [module, name] = popMany(machine, 2);
      if (typeof module !== 'string' || typeof name !== 'string') throw source.fail('the name of a class must be text');
      push(machine, globalNamed(module, name));
      return;
    }
    case 'R': {
      // REDUCE
      const [callable, args] = popMany(machine, 2);
      weigh(machine, args);
      push(machine, construct(callable, args));
      return;
    }
    case 'i': {
      // INST
      const callable = globalNamed(source.line(), source.line());
      push(machine, construct(callable, popMark(machine)));
      return;
    }
    case 'o': {
      // OBJ
      const [callable = null, ...args] = popMark(machine);
      push(machine, construct(callable, args));
      return;
    }
    case '\x81': {
      // NEWOBJ
      const [callable, args] = popMany(machine, 2);
      weigh(machine, args);
      push(machine, newObject(callable, args));
      return;
    }
    case '\x92': {
      // NEWOBJ_EX
      const [callable, args] = popMany(machine, 3);
      weigh(machine, args);
      push(machine, newObject(callable, args));
      return;
    }
    case 'b': {
      // BUILD
      const state = pop(machine);
      weigh(machine, state);
      push(machine, setState(pop(machine), state));
      return;
    }
    case 'P': // PERSID
      push(machine, machine.persistent(source.line()));
      return;
    case 'Q': // BINPERSID
      push(machine, machine.persistent(pop(machine)));
      return;
    default:
      throw source.fail(
        'this is no pickle that the lab reads: it has an opcode that checkpoints do not have',
        `0x${code.toString(16).padStart(2, '0')}`,
      );
  }
}

function whole(source: PickleBytes, text: string): number | bigint {
  const value = decimal(text);
  if (value === undefined) throw source.fail('a whole number is wanted', text.slice(0, 40));
  return value;
}

function index(source: PickleBytes, text: string): number {
  return Number(whole(source, text));
}

function floatOf(text: string): number {
  const special: Record<string, number> = { inf: Number.POSITIVE_INFINITY, '-inf': Number.NEGATIVE_INFINITY };
  return Object.hasOwn(special, text) ? special[text] : Number(text);
}
