-- about: what an extractor reads otherwise than its version before
-- param: extractor text = only this extractor
-- param: limit integer =100 most rows
SELECT f.text, h.extractor_version AS was_by, h.bound AS was_bound,
 h.value_dec AS was_value, h.low_dec AS was_low, h.high_dec AS was_high,
 f.extractor_version AS is_by, f.bound, f.value_dec AS value, f.low_dec AS low,
 f.high_dec AS high, f.document_id, f.id AS figure_id
FROM figure f
JOIN figure_history h ON h.figure_id = f.id
WHERE (f.bound <> h.bound OR f.value_dec IS DISTINCT FROM h.value_dec
  OR f.low_dec IS DISTINCT FROM h.low_dec OR f.high_dec IS DISTINCT FROM h.high_dec
  OR f.unit IS DISTINCT FROM h.unit OR f.counted IS DISTINCT FROM h.counted)
 AND (CAST($1 AS TEXT) = '' OR f.extractor = CAST($1 AS TEXT))
ORDER BY f.id, h.superseded_at, h.extractor_version
LIMIT CAST($2 AS BIGINT)
