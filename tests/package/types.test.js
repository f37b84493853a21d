// The types of the package and of its wrappers, as strictly as a compiler can be, in every way it may look for them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import ts from 'typescript';

import { work } from './project.js';

const STRICT = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  noEmit: true,
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  jsx: ts.JsxEmit.ReactJSX,
  types: [],
};

const WAYS = {
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
  node16: { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  nodenext: { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
};

for (const [name, way] of Object.entries(WAYS)) {
  test(`what is right compiles and what is wrong does not, with moduleResolution ${name}`, () => {
    const sources = ['core.ts', 'react.tsx', 'vue.ts'].map((file) => join(work, 'types', file));
    const program = ts.createProgram(sources, { ...STRICT, ...way });
    const said = ts.getPreEmitDiagnostics(program).map((problem) => {
      const text = ts.flattenDiagnosticMessageText(problem.messageText, '\n');
      const line = problem.file?.getLineAndCharacterOfPosition(problem.start).line;
      return `${problem.file?.fileName}:${line + 1}: ${text}`;
    });
    assert.deepEqual(said, []);
    assert.ok(sources.every((source) => program.getSourceFile(source)), 'all three were read');
  });
}
