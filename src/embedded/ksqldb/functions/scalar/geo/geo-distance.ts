import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { P_DOUBLE, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';
import { javaTrim } from '../string/trim.js';

const RADIUS_KM = 6371;
const RADIUS_MILES = 3959;
const MILES = ['mi', 'mile', 'miles'];
const KILOMETRES = ['km', 'kilometer', 'kilometers', 'kilometre', 'kilometres'];
const RADIANS = 0.017453292519943295;

function radius(units: string | null): number {
  const unit = units === null ? '' : javaTrim(units).toLowerCase();
  if (unit === '' || KILOMETRES.includes(unit)) return RADIUS_KM;
  if (MILES.includes(unit)) return RADIUS_MILES;
  const all = [...MILES, ...KILOMETRES];
  throw new KsqlFunctionException(
    `GeoDistance function units parameter must be one of ${all.slice(0, -1).join(', ')} or ${all.at(-1)}. ` +
      'Values are case-insensitive.',
  );
}

function haversine(angle: number): number {
  return Math.sin(angle / 2) ** 2;
}

type Degrees = number | null;

function distance(lat1: Degrees, lon1: Degrees, lat2: Degrees, lon2: Degrees, units: string | null): number {
  if (lat1 === null || lon1 === null || lat2 === null || lon2 === null) throw NULL_OPERAND;
  if (Math.abs(lat1) > 90 || Math.abs(lat2) > 90) {
    throw new KsqlFunctionException(
      'valid latitude values for GeoDistance function are in the range of -90 to 90 decimal degrees',
    );
  }
  if (Math.abs(lon1) > 180 || Math.abs(lon2) > 180) {
    throw new KsqlFunctionException(
      'valid longitude values for GeoDistance function are in the range of -180 to +180 decimal degrees',
    );
  }
  const earth = radius(units);
  const a =
    haversine((lat2 - lat1) * RADIANS) +
    haversine((lon2 - lon1) * RADIANS) * Math.cos(lat1 * RADIANS) * Math.cos(lat2 * RADIANS);
  return 2 * Math.asin(Math.sqrt(a)) * earth;
}

const POINTS = [
  param('lat1', P_DOUBLE, 'The latitude of the first point in degrees'),
  param('lon1', P_DOUBLE, 'The longitude of the first point in degrees'),
  param('lat2', P_DOUBLE, 'The latitude of the second point in degrees'),
  param('lon2', P_DOUBLE, 'The longitude of the second point in degrees'),
];

export const GEO_DISTANCE: ScalarFunction = scalar(
  'GEO_DISTANCE',
  {
    category: 'OTHER',
    description: 'The length of the great circle between two points of the earth, by the haversine formula.',
  },
  signature(
    [...POINTS, param('units', P_STRING, 'What to measure in: MI for miles, KM for kilometres')],
    P_DOUBLE,
    distance,
    'The distance in the given units',
  ),
  signature(
    POINTS,
    P_DOUBLE,
    (lat1: Degrees, lon1: Degrees, lat2: Degrees, lon2: Degrees) => distance(lat1, lon1, lat2, lon2, null),
    'The distance in kilometres',
  ),
);
