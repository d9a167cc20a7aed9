/** Signals that a value does not fit its column. The path grows as the error propagates: `.a`, then `[2].a`. */
export class ConversionError extends Error {
  readonly problem: string;
  path = '';

  constructor(problem: string) {
    super(problem);
    this.name = 'ConversionError';
    this.problem = problem;
  }

  inside(part: string): this {
    this.path = part + this.path;
    return this;
  }
}
