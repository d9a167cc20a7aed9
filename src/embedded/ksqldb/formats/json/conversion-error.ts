/** A value does not fit its column. The path to it grows as the error passes outwards: `.a`, then `[2].a`. */
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
