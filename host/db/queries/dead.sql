-- about: what was rejected or broke, the latest first
-- param: pipeline text = only this pipeline
-- param: stage text = only this stage
-- param: outcome text = reject or error
-- param: limit integer =50 most rows
SELECT at, pipeline, outcome, stage, place, reason, attempts, source_id AS source, url,
 fingerprint, id
FROM dead_letter
WHERE (CAST($1 AS TEXT) = '' OR pipeline = CAST($1 AS TEXT))
 AND (CAST($2 AS TEXT) = '' OR stage = CAST($2 AS TEXT))
 AND (CAST($3 AS TEXT) = '' OR outcome = CAST($3 AS TEXT))
 AND resolved_at IS NULL
ORDER BY at DESC, id
LIMIT CAST($4 AS BIGINT)
