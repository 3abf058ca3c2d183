import eslint from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const restrict = (patterns) => ({ '@typescript-eslint/no-restricted-imports': ['error', { patterns }] });

const noResolver = {
  regex: String.raw`\.resolver\.js$`,
  message: 'Nothing imports a resolver but the root module.',
};

export default tseslint.config(
  // The recorder is kept as it was when it recorded.
  {
    ignores: [
      'dist/',
      'node_modules/',
      '.data/',
      'test-results/',
      'test/eventstoredb/recordings/record.mjs',
      '**/*.generated.ts',
    ],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowStaticOnly: true }],
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowNullish: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-misused-spread': 'off',
      '@typescript-eslint/dot-notation': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'no-else-return': 'error',
    },
  },
  {
    files: ['**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', globalThis: 'readonly' } },
  },

  { files: ['web/src/**/*.{ts,tsx}'], extends: [reactHooks.configs.flat['recommended-latest']] },

  // The architecture, as rules.
  { files: ['src/**/*.ts', 'projections/**/*.ts'], rules: restrict([noResolver]) },
  { files: ['src/root.module.ts'], rules: restrict([]) },
  {
    files: ['src/**/*.decider.ts'],
    rules: restrict([
      {
        regex: String.raw`^(?!(\.\./domain-error|\.\./event-store/decider)\.js$)`,
        message: 'Deciders import nothing but their own vocabulary.',
      },
    ]),
  },
  {
    files: ['projections/**/*.ts'],
    rules: restrict([
      noResolver,
      {
        regex: String.raw`/src/(?!(event-store/position|personal-data/erasure-stream|audit/evidence/[\w-]+)\.js$)`,
        message:
          'Projections import only types from src (and the order of positions, the names of streams of erasures, and the arithmetic of evidence).',
        allowTypeImports: true,
      },
    ]),
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      // Answers of the service are taken apart as its clients would, without its types.
      '@typescript-eslint/no-explicit-any': 'off',
    },
  },
);
