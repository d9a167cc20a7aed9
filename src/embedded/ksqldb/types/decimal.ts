/**
 * An exact decimal: `unscaled` / 10^`scale`, as Java's BigDecimal.
 *
 * The scale is part of the value (1.0 is written with one place), but not of equality by `compare`.
 */
export class Decimal {
  readonly unscaled: bigint;
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled;
    this.scale = scale;
  }
}
