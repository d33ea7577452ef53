import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';

/** A value of the input that has not been checked yet, and where its parts are. */
export interface RawValue {
  readonly value: unknown;
  /** 1-based line of the field, or of the value itself; undefined if it is not known. */
  line(field?: string): number | undefined;
}

/** One task of the input. */
export interface RawTask extends RawValue {
  /** 1-based. */
  readonly index: number;
}

export interface RawPlan {
  /** What is next to the list of tasks and holds for all of them. */
  readonly shared: RawValue | undefined;
  readonly tasks: readonly RawTask[];
}

/** The input, with warnings about what has no place in data. */
export interface TakenApart {
  readonly plan: RawPlan;
  readonly warnings: readonly string[];
}

/** The failure for a value of the input that cannot be used. `name` is that of the file. */
export function planFailure(name: string, line: number | undefined, message: string, cause?: unknown): Failure {
  const place = line === undefined ? name : `${name}:${line}`;
  return new Failure('task-invalid', `${place}: ${message}`, {
    details: { file: name, ...given({ line }) },
    cause,
  });
}

/** Whether the value is an object with keys. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
