type Plan = Readonly<Record<string, readonly string[]>>;

export const ROOMS: Plan;
export const DOORS: Plan;
export const EMBEDDED_ROOMS: Plan;
export const FLOORS: Plan;
export const THIN_ROOMS: readonly string[];
