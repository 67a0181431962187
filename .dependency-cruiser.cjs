// The folders of src/ in the order data flows through them: a folder imports only from folders above it.
const folders = ['math', 'layers', 'model', 'trace', 'engines', 'training', 'formats', 'session', 'ui', 'cli'];

// Which npm packages a folder may import. Everything else is refused.
const packages = {
  engines: ['mathjs'],
  formats: ['valibot', 'fflate', 'h5wasm', 'yaml'],
  ui: ['react', 'ink', 'chalk', 'string-width', 'd3-scale-chromatic'],
  cli: ['commander', 'chalk'],
};

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    ...folders.map((folder, at) => ({
      name: `${folder}-imports-downwards-only`,
      comment: 'A folder imports only from folders above it in the list of architecture.md.',
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: { path: `^src/(${[...folders.slice(at + 1), '[^/]+\\.ts$'].join('|')})` },
    })),
    ...folders.map((folder) => ({
      name: `${folder}-packages`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-peer', 'npm-optional'],
        pathNot: `node_modules/(@types/)?(${(packages[folder] ?? ['none']).join('|')})/`,
      },
    })),
    {
      name: 'mathjs-in-reference-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engines/reference/' },
      to: { path: 'node_modules/mathjs/' },
    },
    {
      name: 'react-in-ui-only',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/ui/' },
      to: { path: 'node_modules/(react|ink)/' },
    },
    {
      name: 'core-without-node',
      comment: 'The core runs anywhere: files and processes belong to formats and cli, the terminal to ui.',
      severity: 'error',
      from: { path: '^src/(math|layers|model|trace|engines|session)/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // AssemblyScript: another language, though its files end in .ts.
    exclude: { path: '^src/.*/assembly/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
