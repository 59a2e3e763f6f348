import js from '@eslint/js';
import globals from 'globals';
import { builtinModules } from 'node:module';
import tseslint from 'typescript-eslint';

const TYPESCRIPT = ['**/*.ts'];
/** Floors whose code must give the same answers for the same inputs: the world comes in through ports. */
const DETERMINISTIC = ['services/**/*.ts', 'machines/**/*.ts', 'daemon/**/*.ts'];

const noEffects = {
  'no-console': 'error',
  'no-restricted-imports': [
    'error',
    {
      paths: builtinModules.map((name) => ({
        name,
        message: 'The outside world is reached through the ports in services/ports/.',
      })),
      patterns: [
        { group: ['node:*'], message: 'The outside world is reached through the ports in services/ports/.' },
      ],
    },
  ],
  'no-restricted-globals': [
    'error',
    ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'performance'].map(
      (name) => ({ name, message: 'Time comes from the Clock port.' }),
    ),
    { name: 'crypto', message: 'Cryptography comes from the Crypto port, random bytes from Random.' },
    { name: 'fetch', message: 'The network is reached through ports.' },
    { name: 'process', message: 'The process belongs to cli/.' },
    { name: 'globalThis', message: 'Globals are reached by no other way either.' },
  ],
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Random bytes come from the Random port.' },
    { object: 'Date', property: 'now', message: 'Time comes from the Clock port.' },
  ],
  'no-restricted-syntax': [
    'error',
    // A date made from a given number is a value and may be formatted; the date of now is an effect.
    {
      selector: 'NewExpression[callee.name="Date"][arguments.length=0]',
      message: 'Time comes from the Clock port.',
    },
    { selector: 'CallExpression[callee.name="Date"]', message: 'Time comes from the Clock port.' },
  ],
};

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'docs/charts/', '.tmp/', 'test/browser/out/', 'test/kernel/out/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', 400],
    },
  },
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      // `() => void promise()` and `() => list.push(x)` as callbacks say what they mean.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
  },
  { files: DETERMINISTIC, rules: noEffects },
  {
    files: ['machines/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        ...noEffects['no-restricted-globals'],
        { name: 'Buffer', message: 'A chart never holds bytes.' },
        { name: 'Date', message: 'A chart knows no time but its named delays.' },
      ],
    },
  },
  {
    files: ['**/*.mjs', 'eslint.config.js'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: globals.node, sourceType: 'commonjs' },
  },
  {
    files: ['adapters/inspector/page/**/*.js'],
    languageOptions: { globals: globals.browser },
    rules: { 'no-console': 'error' },
  },
);
