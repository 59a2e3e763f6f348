/** The import law: imports run downward only, one floor per folder. DESIGN.md says why. */

/** @returns {import('dependency-cruiser').IForbiddenRuleType} from a floor to anything in this project but `allowed` */
function floor(name, allowed, comment) {
  return {
    name: `${name}-imports`,
    comment,
    severity: 'error',
    from: { path: `^${name}/` },
    to: {
      path: '^(?!node_modules/|\\.)[^/]+/',
      pathNot: `^(${allowed.join('|')})/`,
      dependencyTypesNot: ['core', 'npm'],
    },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    floor('services', ['services'], 'services compute: values in, values out'),
    floor('machines', ['machines', 'services'], 'charts decide what happens next, nothing else'),
    floor('daemon', ['daemon', 'machines', 'services'], 'the daemon meets the world only through ports'),
    floor('adapters', ['adapters', 'services'], 'an adapter implements a port and knows no daemon'),
    floor(
      'cli',
      ['cli', 'adapters', 'daemon', 'machines', 'services'],
      'commands know no tests and no tools',
    ),
    {
      name: 'machines-take-types-only',
      comment: 'a chart names what it needs; implementations come by .provide() in daemon/',
      severity: 'error',
      from: { path: '^machines/' },
      to: { path: '^services/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'machines-know-xstate-only',
      comment: 'no chart imports an effect',
      severity: 'error',
      from: { path: '^machines/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer'],
        pathNot: '^node_modules/xstate/',
      },
    },
    {
      name: 'no-node-core-below-adapters',
      comment: 'the outside world is reached through the ports',
      severity: 'error',
      from: { path: '^(services|machines|daemon)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'one-adapter-does-not-lean-on-another',
      comment: 'one folder per piece of the outside world; what two share is a service',
      severity: 'error',
      from: { path: '^adapters/([^/]+)/' },
      to: { path: '^adapters/', pathNot: '^adapters/$1/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'a module that neither imports nor is imported is dead, or not wired',
      severity: 'error',
      from: { orphan: true, pathNot: '^adapters/inspector/page/' },
      to: {},
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages',
      comment: 'what ships needs only "dependencies"',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^adapters/inspector/page/' },
    // Type-only imports count: the law is about knowing, not only about running.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
