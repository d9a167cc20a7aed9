/** Built-in functions whose names are not upper-case in messages. */
const WRITTEN_NAMES: ReadonlyMap<string, string> = new Map(
  (
    'abs:Abs ceil:Ceil chr:Chr floor:Floor lpad:LPad round:Round rpad:RPad ' +
    'acos array_concat array_distinct array_except array_intersect array_max array_min array_remove array_sort ' +
    'array_union asin atan atan2 avg bigint_from_bytes cbrt collect_list collect_set concat concat_ws convert_tz ' +
    'correlation cos cosh cot cube_explode dateadd datesub datetostring degrees double_from_bytes elt encode exp ' +
    'explode extractjsonfield field filter format_date format_time format_timestamp from_bytes from_days ' +
    'from_unixtime geo_distance greatest histogram initcap instr int_from_bytes lcase least len ln log map_keys ' +
    'map_union map_values mask mask_keep_left mask_keep_right mask_left mask_right md5 parse_date parse_time ' +
    'parse_timestamp pi power radians random reduce regexp_extract regexp_extract_all regexp_replace ' +
    'regexp_split_to_array replace sign sin sinh slice split split_to_map sqrt stringtodate stringtotimestamp ' +
    'substring sum_list tan tanh timeadd timestampadd timestampsub timestamptostring timesub to_bytes transform ' +
    'trim trunc ucase unix_date unix_timestamp url_decode_param url_encode_param url_extract_fragment ' +
    'url_extract_host url_extract_parameter url_extract_path url_extract_port url_extract_protocol url_extract_query'
  )
    .split(' ')
    .map((entry) => {
      const [name, written] = entry.split(':');
      return [name!.toUpperCase(), written ?? name!];
    }),
);

/** Returns a function's name as ksqlDB writes it in "Function '...' does not accept parameters". */
export function writtenName(name: string): string {
  return WRITTEN_NAMES.get(name) ?? name;
}
